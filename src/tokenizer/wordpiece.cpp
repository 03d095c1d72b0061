// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/wordpiece.h"

#include <algorithm>

#include "tokenizer/characters.h"

namespace attnscope {

WordPiece::WordPiece(const Vocabulary& vocabulary, const WordPieceOptions& options)
    : vocabulary_(vocabulary),
      continuing_root_(vocabulary.trie().walk(Trie::kRoot, options.continuing_prefix)),
      unknown_id_(vocabulary.id(options.unknown_token).value()),
      max_chars_per_word_(options.max_chars_per_word) {}

bool WordPiece::too_long(std::string_view word) const {
  if (word.size() <= max_chars_per_word_) return false;
  return static_cast<std::size_t>(std::ranges::count_if(word, starts_character)) > max_chars_per_word_;
}

void WordPiece::append_pieces(std::string_view word, std::vector<Piece>& pieces) const {
  const std::size_t first = pieces.size();
  const auto replace_by_unknown = [&] {
    pieces.resize(first);
    pieces.push_back({unknown_id_, 0, word.size()});
  };
  if (too_long(word)) return replace_by_unknown();

  Trie::Node root = Trie::kRoot;
  for (std::size_t begin = 0; begin < word.size();) {
    if (root == Trie::kNone) return replace_by_unknown();
    const Trie::Match match = vocabulary_.trie().longest_match(root, word.substr(begin));
    if (match.length == 0) return replace_by_unknown();
    pieces.push_back({match.value, begin, begin + match.length});
    begin += match.length;
    root = continuing_root_;
  }
}

}  // namespace attnscope
