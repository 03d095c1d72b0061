// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/trie.h"

namespace attnscope {

/// Tokens and their ids. An id may have no token (a token that vocab.txt names twice has the later id).
class Vocabulary {
 public:
  /// A token that is there already moves to the new id.
  void set(std::string token, std::uint32_t id);

  [[nodiscard]] std::optional<std::uint32_t> id(std::string_view token) const { return trie_.find(token); }
  /// Null if the id has no token.
  [[nodiscard]] const std::string* token(std::uint32_t id) const;
  [[nodiscard]] std::uint32_t size() const { return size_; }  ///< number of tokens
  [[nodiscard]] std::uint32_t id_limit() const { return static_cast<std::uint32_t>(tokens_.size()); }
  [[nodiscard]] const Trie& trie() const { return trie_; }

 private:
  Trie trie_;
  std::vector<std::optional<std::string>> tokens_;
  std::uint32_t size_ = 0;
};

}  // namespace attnscope
