// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace attnscope {

/// What the name of a part asks for.
struct PartName {
  enum class Kind { overview, layer, layer_full, states, head, mean } kind = Kind::overview;
  std::vector<std::int64_t> layers;  // one, but for mean
  std::vector<std::int64_t> heads;   // one for head; of mean all that are listed
};

/// Reads "layer.3", "head.3.7", "mean.0,3-5.all", ...
/// Throws:  InvalidArgument (PART) for another name and for a layer or head that is not there.
[[nodiscard]] PartName parse_part_name(const std::string& name, std::int64_t layers, std::int64_t heads);

[[noreturn]] void refuse_part(const std::string& name, const std::string& why);

}  // namespace attnscope
