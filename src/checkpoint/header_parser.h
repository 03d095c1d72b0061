// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/checkpoint.h"

namespace attnscope {

/// What a safetensors header says, well-formed but not yet checked against the data (header_rules.h does
/// that).
struct SafetensorsHeader {
  std::vector<TensorEntry> entries;  // in file order
  std::map<std::string, std::string> metadata;
  std::size_t data_start = 0;  // bytes from the start of the file
};

/// Reads the length and the JSON behind it.
/// Throws:  CheckpointError HEADER_SHORT, _JSON, _LIMIT, _LENGTH, _UTF8, _DEPTH, DUPLICATE_KEY, DTYPE, SHAPE,
///          SHAPE_OVERFLOW (a size over 2^63 - 1), OFFSETS, METADATA_TYPE; LimitError LIMIT_TENSORS.
[[nodiscard]] SafetensorsHeader parse_safetensors_header(std::string_view file, const std::string& label,
                                                         const SafetensorsOptions& options);

}  // namespace attnscope
