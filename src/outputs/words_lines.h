// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/figures.h"

namespace attnscope {

/// A word of the picture, or what stands between words and is no blank, in its place on a line.
struct PlacedWord {
  std::string text;                 ///< safe
  std::optional<std::size_t> word;  ///< in WordsPicture::words
  std::size_t line = 0;
  double x = 0;            ///< from the left of the text
  double width = 0;        ///< of the letters, with `padding` to both sides
  std::string label = {};  ///< of the entity that ends here
  double label_width = 0;
};

struct WordsLayout {
  double size = 0;     ///< of the letters
  double padding = 0;  ///< to both sides of a word
  double label_size = 0;
};

/// The text in lines of `width`, broken at blanks only.
/// Throws:  InvalidArgument (SHAPE) for spans that are not in the text, in order and apart.
[[nodiscard]] std::vector<PlacedWord> place_words(const WordsPicture& picture, double width,
                                                  const WordsLayout& layout);

}  // namespace attnscope
