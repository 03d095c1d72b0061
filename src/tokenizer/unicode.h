// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace attnscope::unicode {

/// What the Hugging Face `tokenizers` wheel does with a scalar, as bits. The tables behind it are written by
/// tools/unicode/generate.py, which asks the wheel; they equal no version of Unicode.
enum Property : std::uint16_t {
  kRemoved = 1U << 0,      ///< clean_text drops it
  kBlanked = 1U << 1,      ///< clean_text makes it a blank
  kCjk = 1U << 2,          ///< handle_chinese_chars puts blanks around it
  kNonspacing = 1U << 3,   ///< strip_accents drops it
  kWhitespace = 1U << 4,   ///< the pre-tokenizer drops it and splits there
  kPunctuation = 1U << 5,  ///< the pre-tokenizer makes it a word of its own
  kWord = 1U << 6,         ///< beside it a single_word added token does not match
  kSpace = 1U << 7,        ///< lstrip and rstrip of added tokens take it
  kLowers = 1U << 8,       ///< its lower case differs
  kDecomposes = 1U << 9,   ///< its canonical decomposition differs
};
inline constexpr int kRankShift = 10;

/// Properties of a scalar; above the bits stands the rank of its canonical combining class (0: starter).
[[nodiscard]] std::uint16_t properties(char32_t scalar);

[[nodiscard]] inline bool has(char32_t scalar, Property property) {
  return (properties(scalar) & property) != 0;
}
[[nodiscard]] inline int combining_rank(char32_t scalar) { return properties(scalar) >> kRankShift; }

/// One to four scalars, held in place.
struct Expansion {
  char32_t scalars[4] = {};
  int size = 0;
  [[nodiscard]] const char32_t* begin() const { return scalars; }
  [[nodiscard]] const char32_t* end() const { return scalars + size; }
};

/// Full canonical decomposition (the scalar itself if it has none).
[[nodiscard]] Expansion decompose(char32_t scalar);

/// Lower case without context: a final sigma is an ordinary one.
[[nodiscard]] Expansion lowercase(char32_t scalar);

}  // namespace attnscope::unicode
