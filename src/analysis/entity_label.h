// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope::analysis {

/// A label of BIO, IO, BILOU or BIOES: "B-PER" is {'B', "PER"}. A label without prefix is inside its kind, as
/// transformers takes it; "O" has no kind.
struct EntityLabel {
  char prefix = 'I';
  std::string kind;
  [[nodiscard]] bool is_outside() const { return kind.empty(); }
};

[[nodiscard]] EntityLabel parse_entity_label(std::string_view label);

/// Whether two neighbouring labels are parts of one entity.
[[nodiscard]] bool continues(const EntityLabel& last, const EntityLabel& label);

/// Whether it is "O" or PREFIX-KIND.
[[nodiscard]] bool is_entity_label(std::string_view label);

}  // namespace attnscope::analysis
