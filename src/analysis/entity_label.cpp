// SPDX-License-Identifier: Apache-2.0
#include "analysis/entity_label.h"

namespace attnscope::analysis {
namespace {

bool has_prefix(std::string_view label) {
  constexpr std::string_view kPrefixes = "BILUES";
  return label.size() > 2 && label[1] == '-' && kPrefixes.find(label[0]) != std::string_view::npos;
}

}  // namespace

EntityLabel parse_entity_label(std::string_view label) {
  if (label == "O") return {'O', ""};
  if (has_prefix(label)) return {label[0], std::string(label.substr(2))};
  return {'I', std::string(label)};
}

bool continues(const EntityLabel& last, const EntityLabel& label) {
  constexpr std::string_view kBegins = "BUS";
  constexpr std::string_view kEnds = "LUES";
  return last.kind == label.kind && kBegins.find(label.prefix) == std::string_view::npos &&
         kEnds.find(last.prefix) == std::string_view::npos;
}

bool is_entity_label(std::string_view label) { return label == "O" || has_prefix(label); }

}  // namespace attnscope::analysis
