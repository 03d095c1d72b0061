// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace attnscope {

/// A piece of a word: bytes [begin, end) of the word.
struct Piece {
  std::uint32_t id = 0;
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct WordPieceOptions {
  std::string unknown_token = "[UNK]";
  std::string continuing_prefix = "##";
  std::size_t max_chars_per_word = 100;  ///< a longer word is one unknown token
};

/// Greedy longest-match-first pieces.
/// Source: Wu et al. 2016 in the form of BERT (Devlin et al. 2018); `tokenizers` models::WordPiece.
class WordPiece {
 public:
  /// The vocabulary holds the unknown token, and outlives this.
  WordPiece(const Vocabulary& vocabulary, const WordPieceOptions& options);

  /// Appends the pieces of a word. Cost: O(bytes * longest token).
  void append_pieces(std::string_view word, std::vector<Piece>& pieces) const;

 private:
  [[nodiscard]] bool too_long(std::string_view word) const;

  const Vocabulary& vocabulary_;
  Trie::Node continuing_root_;
  std::uint32_t unknown_id_;
  std::size_t max_chars_per_word_;
};

}  // namespace attnscope
