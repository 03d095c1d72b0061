// SPDX-License-Identifier: Apache-2.0
#include "support/safetensors_bytes.h"

#include <fmt/format.h>

namespace attnscope {

std::string safetensors_bytes(const WeightMap& weights) {
  std::string header = "{";
  std::string data;
  for (const auto& [name, tensor] : weights) {
    const std::size_t begin = data.size();
    data.append(static_cast<const char*>(tensor.view().data()),
                static_cast<std::size_t>(tensor.count()) * sizeof(float));
    header += fmt::format(R"({}"{}":{{"dtype":"F32","shape":{},"data_offsets":[{},{}]}})",
                          begin == 0 ? "" : ",", name, to_string(tensor.shape()), begin, data.size());
  }
  header += "}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string length(8, '\0');
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<char>((header.size() >> (8 * i)) & 0xFFU);
  return length + header + data;
}

}  // namespace attnscope
