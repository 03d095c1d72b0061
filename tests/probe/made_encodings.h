// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/tiny_model.h"

namespace attnscope {

/// A text of seeded ids between [CLS] and [SEP], in words of one, two and three pieces; with fewer than three
/// tokens its start.
inline Encoding made_encoding(const Model& model, std::int64_t length, std::uint32_t seed) {
  const Encoding specials = model.tokenizer().encode("");
  Encoding encoding;
  encoding.input_ids = random_text(length, seed).input_ids;
  encoding.input_ids.front() = specials.input_ids.front();
  if (length > 1) encoding.input_ids.back() = specials.input_ids.back();
  std::int64_t word = 0;
  std::int64_t pieces = 0;  // of the word so far; word w has w % 3 + 1
  for (std::int64_t token = 0; token < length; ++token) {
    const bool special = token == 0 || token == length - 1;
    encoding.tokens.push_back(fmt::format("{}{}", special ? "[S]" : "t", token));
    encoding.word_ids.push_back(special ? std::nullopt : std::optional(word));
    encoding.sequence_ids.push_back(special ? std::nullopt : std::optional<std::int64_t>(0));
    encoding.special_tokens_mask.push_back(special ? 1 : 0);
    encoding.offsets.push_back(special ? Span{} : Span{2 * token, 2 * token + 2});
    if (!special && ++pieces == word % 3 + 1) {
      ++word;
      pieces = 0;
    }
  }
  return encoding;
}

inline std::vector<Encoding> made_encodings(const Model& model, const std::vector<std::int64_t>& lengths) {
  std::vector<Encoding> encodings;
  for (const std::int64_t length : lengths)
    encodings.push_back(made_encoding(model, length, static_cast<std::uint32_t>(encodings.size() + 1)));
  return encodings;
}

}  // namespace attnscope
