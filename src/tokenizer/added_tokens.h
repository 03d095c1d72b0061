// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/trie.h"
#include "tokenizer/vocabulary.h"

namespace attnscope {

/// A token that is found in the text itself, before it falls into words.
struct AddedToken {
  std::string content;
  std::uint32_t id = 0;
  bool single_word = false;  ///< only where no word character stands beside it
  bool lstrip = false;       ///< takes the blanks on its left
  bool rstrip = false;
  bool normalized = false;  ///< looked for, normalized, in the normalized text
  bool special = false;
};

/// The added tokens, in order, by content and by id.
class AddedTokens {
 public:
  /// The id that a token gets: that of the vocabulary, else the next one after all others.
  [[nodiscard]] std::uint32_t id_for(const std::string& content, const Vocabulary& vocabulary) const;
  /// Adds a token with a content that is not there yet.
  void add(AddedToken token);

  [[nodiscard]] const AddedToken* find(std::string_view content) const;
  [[nodiscard]] const AddedToken* find(std::uint32_t id) const;
  [[nodiscard]] const std::vector<AddedToken>& tokens() const { return tokens_; }

 private:
  std::vector<AddedToken> tokens_;
  std::unordered_map<std::string, std::size_t> by_content_;
  std::unordered_map<std::uint32_t, std::size_t> by_id_;
  std::uint32_t next_id_ = 0;
};

/// Half-open range of bytes that is an added token, or plain text between such tokens.
struct Segment {
  const AddedToken* token = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Finds added tokens: leftmost first, of those the longest, without overlap.
class AddedTokenMatcher {
 public:
  /// `token` outlives this. Of two tokens with one pattern the first is found.
  void add(std::string_view pattern, const AddedToken& token);

  [[nodiscard]] bool empty() const { return tokens_.empty(); }
  /// Non-empty segments in the order of the text. Cost: O(bytes * longest pattern).
  [[nodiscard]] std::vector<Segment> split(std::string_view text) const;

 private:
  Trie patterns_;
  std::vector<const AddedToken*> tokens_;
  std::array<bool, 256> starts_{};  ///< bytes that a pattern begins with
};

}  // namespace attnscope
