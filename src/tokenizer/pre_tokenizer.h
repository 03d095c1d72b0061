// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace attnscope {

/// How normalized text falls into words.
enum class PreTokenizer { none, bert };

/// Half-open range of normalized bytes, never empty.
struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Words of bytes [begin, end) of `text`. bert: split at white space, which disappears, and around each
/// punctuation character, which is a word of its own; none: the whole is one word.
void split_words(PreTokenizer kind, std::string_view text, std::size_t begin, std::size_t end,
                 std::vector<Word>& words);

}  // namespace attnscope
