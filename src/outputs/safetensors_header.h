// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace attnscope {

/// A tensor as the header of a safetensors file names it.
struct SafetensorsEntry {
  std::string name;
  std::string dtype;            ///< "F32", "U8", ...
  std::size_t width_bytes = 0;  ///< of an element
  std::vector<std::int64_t> shape;
  [[nodiscard]] std::size_t size_in_bytes() const;
};

/// Wide types first, so that everything is aligned without holes; then by name.
[[nodiscard]] bool stands_before(const SafetensorsEntry& a, const SafetensorsEntry& b);

/// All that stands before the data: length and JSON, padded until the data begin at a multiple of
/// `alignment`. The data of the entries follow one another in the order given. Throws:  LimitError
/// (OUT_HEADER_LIMIT) for a header that readers would refuse.
[[nodiscard]] std::string safetensors_header(const std::vector<SafetensorsEntry>& entries,
                                             const std::map<std::string, std::string>& metadata,
                                             std::size_t alignment = 8);

/// A tensor in somebody's memory.
struct SafetensorsTensor {
  SafetensorsEntry entry;
  const void* data = nullptr;
};
/// A whole file in memory, its data at a multiple of 64 bytes.
[[nodiscard]] std::string safetensors_bytes(std::vector<SafetensorsTensor> tensors);

}  // namespace attnscope
