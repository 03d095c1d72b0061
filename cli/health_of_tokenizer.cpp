// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "attnscope/error.h"
#include "health.h"

namespace attnscope::cli {
namespace {

constexpr double kManyUnknown = 0.2;
constexpr std::int64_t kUsualSpareRows = 128;  // embeddings are padded to round sizes
constexpr const char* kUnknown = "[UNK]";

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }

template <class Accept>
bool has_letter(std::string_view token, const Accept& accept) {
  const bool special = token.size() > 2 && token.front() == '[' && token.back() == ']';
  return !special && std::any_of(token.begin(), token.end(), accept);
}

Finding check_rows(const Tokenizer& tokenizer, const ModelInfo& info) {
  const std::int64_t spare = info.vocab_size - tokenizer.id_limit();
  const std::string found =
      fmt::format("{} tokens, {} rows of the embedding", tokenizer.vocab_size(), info.vocab_size);
  if (spare <= std::max(kUsualSpareRows, info.vocab_size / 100)) return {"tokenizer", Health::ok, found};
  return {"tokenizer", Health::warning, fmt::format("{}: {} rows have no token", found, spare),
          "take tokenizer and weights from the same model"};
}

Finding check_unknown(const Tokenizer& tokenizer, const std::string& sample) {
  const Encoding encoding = tokenizer.encode(sample);
  std::int64_t all = 0;
  std::int64_t unknown = 0;
  for (std::size_t token = 0; token < encoding.size(); ++token) {
    if (encoding.special_tokens_mask[token] != 0) continue;
    ++all;
    if (encoding.tokens[token] == kUnknown) ++unknown;
  }
  const std::string found = fmt::format("{} of {} tokens of the sample are {}", unknown, all, kUnknown);
  if (static_cast<double>(unknown) <= kManyUnknown * static_cast<double>(all))
    return {"unknown", Health::ok, found};
  return {"unknown", Health::warning, found,
          "the vocabulary does not fit the text: check its language, and give a text of yours as a sample"};
}

/// Share of the vocabulary's tokens that have a capital letter.
double share_with_capitals(const Tokenizer& tokenizer) {
  std::int64_t with = 0;
  for (std::int64_t id = 0; id < tokenizer.id_limit(); ++id) {
    const auto token = tokenizer.id_to_token(id);
    if (token && has_letter(*token, is_upper)) ++with;
  }
  return static_cast<double>(with) / static_cast<double>(std::max<std::int64_t>(1, tokenizer.vocab_size()));
}

/// Whether capitals become small letters; nothing where the vocabulary has no letters.
std::optional<bool> lowers_case(const Tokenizer& tokenizer) {
  const Encoding encoding = tokenizer.encode("A B C D PARIS");
  const auto any = [&](auto accept) {
    return std::any_of(encoding.tokens.begin(), encoding.tokens.end(),
                       [&](const std::string& token) { return has_letter(token, accept); });
  };
  if (any(is_lower)) return true;
  if (any(is_upper) || tokenizer.token_to_id("a")) return false;
  return std::nullopt;
}

Finding check_case(const Tokenizer& tokenizer) {
  constexpr double kSomeCapitals = 0.02;
  const std::optional<bool> lowers = lowers_case(tokenizer);
  const double capitals = share_with_capitals(tokenizer);
  if (!lowers) return {"case", Health::ok, "the vocabulary has no Latin letters"};
  if (*lowers && capitals > kSomeCapitals)
    return {
        "case", Health::error,
        fmt::format("texts are lower-cased, but {:.0f} % of the vocabulary has capitals", 100.0 * capitals),
        "set \"do_lower_case\": false in tokenizer_config.json (tokenizer.json: normalizer.lowercase)"};
  if (!*lowers && capitals == 0.0)
    return {"case", Health::error, "capitals are kept, but no token of the vocabulary has any",
            "set \"do_lower_case\": true in tokenizer_config.json (tokenizer.json: normalizer.lowercase)"};
  return {"case", Health::ok,
          *lowers ? "lower-cased, as the vocabulary" : "capitals are kept, as in the vocabulary"};
}

}  // namespace

std::vector<Finding> check_tokenizer(const Model& model, const std::string& sample) {
  try {
    const Tokenizer& tokenizer = model.tokenizer();
    return {check_rows(tokenizer, model.info()), check_unknown(tokenizer, sample), check_case(tokenizer)};
  } catch (const CheckpointError& error) {
    return {{"tokenizer", Health::warning, error.info().what, error.info().hint}};
  }
}

}  // namespace attnscope::cli
