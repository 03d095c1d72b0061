// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/weight_names.h"

namespace attnscope {
namespace {

bool strip_prefix(std::string_view& name, std::string_view prefix) {
  if (prefix.empty() || !name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

std::string_view last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == name.npos ? name : name.substr(dot + 1);
}

}  // namespace

std::string canonical_weight_name(std::string_view name, std::string_view base_prefix) {
  while (strip_prefix(name, "module.") || strip_prefix(name, "model.")) continue;
  strip_prefix(name, base_prefix);
  const std::string_view leaf = last_part(name);
  const std::string_view module = name.substr(0, name.size() - leaf.size());
  const bool is_norm = module.ends_with("LayerNorm.") || module.ends_with("layer_norm.");
  if (is_norm && leaf == "gamma") return std::string(module) + "weight";
  if (is_norm && leaf == "beta") return std::string(module) + "bias";
  return std::string(name);
}

bool is_buffer_name(std::string_view name) {
  const std::string_view leaf = last_part(name);
  return leaf == "position_ids" || leaf == "token_type_ids";
}

}  // namespace attnscope
