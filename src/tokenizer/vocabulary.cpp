// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/vocabulary.h"

#include <utility>

namespace attnscope {

void Vocabulary::set(std::string token, std::uint32_t id) {
  if (const auto known = trie_.find(token)) {
    tokens_[*known].reset();
  } else {
    ++size_;
  }
  trie_.insert(token, id);
  if (id >= tokens_.size()) tokens_.resize(std::size_t{id} + 1);
  tokens_[id] = std::move(token);
}

const std::string* Vocabulary::token(std::uint32_t id) const {
  if (id >= tokens_.size() || !tokens_[id]) return nullptr;
  return &*tokens_[id];
}

}  // namespace attnscope
