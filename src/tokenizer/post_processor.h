// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace attnscope {

struct SpecialToken {
  std::string token;
  std::uint32_t id = 0;
};

/// A place of a template: a text, or tokens that the template adds.
struct TemplatePiece {
  enum class Kind { first, second, specials };
  Kind kind = Kind::first;
  std::int64_t type_id = 0;
  std::vector<SpecialToken> specials;  ///< of Kind::specials
};
using Template = std::vector<TemplatePiece>;

/// What is put around one text and around a pair.
struct PostProcessor {
  Template single;
  Template pair;

  [[nodiscard]] static PostProcessor none();
  [[nodiscard]] static PostProcessor bert(const SpecialToken& cls, const SpecialToken& sep);
};

/// Number of tokens that the template adds.
[[nodiscard]] std::size_t count_specials(const Template& pieces);

}  // namespace attnscope
