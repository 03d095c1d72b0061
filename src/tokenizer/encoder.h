// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/definition.h"

namespace attnscope {

/// A token of a text, without strings: the Encoding is made of these at the end.
struct TextToken {
  std::uint32_t id = 0;
  std::uint32_t begin = 0;  ///< byte in the text
  std::uint32_t end = 0;
  std::uint32_t word = 0;
};

struct TextTokens {
  /// An added token stands there as the text has it, with the blanks it took.
  struct Literal {
    std::size_t index;
    std::string text;
  };
  std::vector<TextToken> tokens;
  std::vector<Literal> literals;  ///< in the order of `index`
};

/// Text to tokens: added tokens, normalizer, pre-tokenizer, pieces. The definition outlives it.
class Encoder {
 public:
  explicit Encoder(const TokenizerDefinition& definition);

  /// Tokens of valid UTF-8 of less than 4 GiB.
  [[nodiscard]] TextTokens encode(std::string_view text) const;

 private:
  class Pass;
  void add_matchers();

  const TokenizerDefinition& definition_;
  Normalizer normalizer_;
  WordPiece wordpiece_;
  AddedTokenMatcher literal_matcher_;     ///< in the text as given
  AddedTokenMatcher normalized_matcher_;  ///< in the normalized text
};

}  // namespace attnscope
