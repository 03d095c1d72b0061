// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "attnscope/tokenizer.h"

namespace attnscope {

/// "ab cd" as [CLS], two words, the second of two pieces, and [SEP]; ids for the tiny models.
inline Encoding two_words() {
  Encoding encoding;
  encoding.tokens = {"[CLS]", "ab", "c", "##d", "[SEP]"};
  encoding.input_ids = {2, 10, 11, 12, 3};
  encoding.token_type_ids = {0, 0, 0, 0, 0};
  encoding.offsets = {{0, 0}, {0, 2}, {3, 4}, {4, 5}, {0, 0}};
  encoding.word_ids = {std::nullopt, 0, 1, 1, std::nullopt};
  encoding.special_tokens_mask = {1, 0, 0, 0, 1};
  return encoding;
}

}  // namespace attnscope
