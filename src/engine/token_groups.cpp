// SPDX-License-Identifier: Apache-2.0
#include "engine/token_groups.h"

#include <optional>
#include <string>
#include <string_view>

#include "core/utf8.h"
#include "tokenizer/unicode.h"

namespace attnscope {
namespace {

// A token of nothing but punctuation, as the pre-tokenizer knows it.
bool is_punctuation(std::string_view token) {
  if (token.size() > 2 && token.starts_with("##")) token.remove_prefix(2);
  if (token.empty()) return false;
  for (std::size_t offset = 0; offset < token.size();) {
    const Utf8Char character = decode_utf8(token, offset);
    if (character.length == 0 || !unicode::has(character.scalar, unicode::kPunctuation)) return false;
    offset += static_cast<std::size_t>(character.length);
  }
  return true;
}

/// The kind of a token by its id. What stands around an empty text are the special tokens.
class Kinds {
 public:
  explicit Kinds(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {
    const std::vector<std::int64_t> specials = tokenizer.encode("").input_ids;
    if (specials.empty()) return;
    cls_ = specials.front();
    if (specials.size() > 1) sep_ = specials.back();
  }

  [[nodiscard]] std::optional<TokenGroups::Kind> of(std::int64_t id) const {
    if (id == cls_) return TokenGroups::cls;
    if (id == sep_) return TokenGroups::sep;
    const std::optional<std::string> token = tokenizer_.id_to_token(id);
    if (token && is_punctuation(*token)) return TokenGroups::punctuation;
    return std::nullopt;
  }

 private:
  const Tokenizer& tokenizer_;
  std::optional<std::int64_t> cls_;
  std::optional<std::int64_t> sep_;
};

}  // namespace

TokenGroups::TokenGroups(const nn::Batch& batch, const Tokenizer& tokenizer) {
  const Kinds kinds(tokenizer);
  for (std::int64_t text = 0; text < batch.num_texts(); ++text) {
    for (std::int64_t token = 0; token < batch.seq_len(text); ++token)
      if (const auto kind = kinds.of(batch.input_ids[static_cast<std::size_t>(batch.first(text) + token)]))
        places_[*kind].tokens.push_back(token);
    for (Places& places : places_) places.offsets.push_back(static_cast<std::int64_t>(places.tokens.size()));
  }
}

kernels::TokenGroup TokenGroups::of(std::int64_t text, Kind kind) const {
  const Places& places = places_[kind];
  if (places.tokens.empty()) return {};
  const std::int64_t first = places.offsets[static_cast<std::size_t>(text)];
  return {places.tokens.data() + first, places.offsets[static_cast<std::size_t>(text) + 1] - first};
}

}  // namespace attnscope
