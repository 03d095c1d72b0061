// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/pre_tokenizer.h"

#include "tokenizer/characters.h"
#include "tokenizer/unicode.h"

namespace attnscope {
namespace {

void split_like_bert(std::string_view text, std::size_t begin, std::size_t end, std::vector<Word>& words) {
  std::size_t word = begin;
  const auto close = [&](std::size_t position) {
    if (word < position) words.push_back({word, position});
  };
  for (std::size_t position = begin; position < end;) {
    const Utf8Char character = character_at(text, position);
    const std::size_t next = position + static_cast<std::size_t>(character.length);
    const std::uint16_t properties = unicode::properties(character.scalar);
    if ((properties & (unicode::kWhitespace | unicode::kPunctuation)) != 0) {
      close(position);
      if ((properties & unicode::kWhitespace) == 0) words.push_back({position, next});
      word = next;
    }
    position = next;
  }
  close(end);
}

}  // namespace

void split_words(PreTokenizer kind, std::string_view text, std::size_t begin, std::size_t end,
                 std::vector<Word>& words) {
  if (kind == PreTokenizer::bert) return split_like_bert(text, begin, end, words);
  if (begin < end) words.push_back({begin, end});
}

}  // namespace attnscope
