// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace attnscope {

/// A tensor of a part, its numbers as double whatever their type.
struct PartTensor {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

/// Reads the bytes of a safetensors file with F32, U8 and U16 tensors.
/// Throws:  std::runtime_error unless the data begin at a multiple of 64 bytes and fill the rest.
[[nodiscard]] std::map<std::string, PartTensor> read_part(const std::string& bytes);

}  // namespace attnscope
