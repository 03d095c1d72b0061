// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/tokenizer_config.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "tokenizer/definition_checks.h"
#include "tokenizer/json_place.h"

namespace attnscope {
namespace {

constexpr std::int64_t kLongestLength = 1'000'000'000;  // transformers writes 10^30 for "no limit"

/// A file that was parsed, or that is not there.
class OptionalJson {
 public:
  explicit OptionalJson(const std::optional<ConfigText>& config) {
    if (!config) return;
    file_ = config->file;
    root_ = parse_json_file(config->text, file_, "TOK");
  }
  [[nodiscard]] std::optional<JsonPlace> find(std::string_view key) const {
    return root_ ? JsonPlace(*root_, file_).find(key) : std::nullopt;
  }

 private:
  std::string file_;
  std::optional<JsonValue> root_;
};

bool flag(const OptionalJson& config, std::string_view key, bool standard) {
  const auto place = config.find(key);
  return place ? place->boolean() : standard;
}

bool flag(const JsonPlace& object, std::string_view key, bool standard) {
  const auto place = object.find(key);
  return place ? place->boolean() : standard;
}

NormalizerOptions read_normalizer(const OptionalJson& config) {
  NormalizerOptions options;
  options.clean_text = true;
  options.handle_chinese_chars = flag(config, "tokenize_chinese_chars", true);
  options.lowercase = flag(config, "do_lower_case", true);
  options.strip_accents = flag(config, "strip_accents", options.lowercase);
  return options;
}

/// A token written as {"content": ..., flags}; a flag that is absent is false, `normalized` of a special
/// token too.
AddedToken read_token_object(const JsonPlace& place) {
  AddedToken token;
  token.content = place.require("content").string();
  token.single_word = flag(place, "single_word", false);
  token.lstrip = flag(place, "lstrip", false);
  token.rstrip = flag(place, "rstrip", false);
  token.special = flag(place, "special", true);
  token.normalized = flag(place, "normalized", !token.special);
  return token;
}

AddedToken read_token(const JsonPlace& place) {
  if (place.value().is_object()) return read_token_object(place);
  AddedToken token;
  token.content = place.string();
  token.special = true;
  return token;
}

/// Adds a token that is not there yet, under the id that it gets.
void add_new(AddedToken token, TokenizerDefinition& definition) {
  if (token.content.empty() || definition.added_tokens.find(token.content) != nullptr) return;
  token.id = definition.added_tokens.id_for(token.content, definition.vocabulary);
  definition.added_tokens.add(std::move(token));
}

struct ListedToken {
  std::uint32_t id;
  AddedToken token;
  JsonPlace place;
};

std::uint32_t parse_id(const std::string& key, const JsonPlace& place) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
  if (error == std::errc() && end == key.data() + key.size()) return id;
  throw CheckpointError(
      place.problem("TOK_ID").found("'{}' is not a token id", key).hint("use decimal ids as keys"));
}

/// added_tokens_decoder: id -> token, added in the order of the ids, which have to be those that they get.
void add_listed_tokens(const JsonPlace& decoder, TokenizerDefinition& definition) {
  std::vector<ListedToken> listed;
  for (const auto& [key, place] : decoder.members()) {
    listed.push_back({parse_id(key, place), read_token_object(place), place});
  }
  std::ranges::sort(listed, {}, &ListedToken::id);
  for (ListedToken& entry : listed) {
    const std::uint32_t expected = definition.added_tokens.id_for(entry.token.content, definition.vocabulary);
    if (entry.id != expected) {
      throw CheckpointError(
          entry.place.problem("TOK_ID")
              .found("token '{}' has id {}, expected {}", entry.token.content, entry.id, expected)
              .hint("make tokenizer_config.json agree with vocab.txt"));
    }
    add_new(std::move(entry.token), definition);
  }
}

/// The special tokens of the BERT line, by the names they have in the configuration.
class SpecialTokens {
 public:
  SpecialTokens(const OptionalJson& config, const OptionalJson& map) : config_(config), map_(map) {}

  [[nodiscard]] std::optional<AddedToken> find(std::string_view name) const {
    auto place = config_.find(name);
    if (!place) place = map_.find(name);
    return place ? std::optional(read_token(*place)) : std::nullopt;
  }
  [[nodiscard]] AddedToken get(std::string_view name, std::string standard) const {
    AddedToken token;
    token.content = std::move(standard);
    token.special = true;
    return find(name).value_or(token);
  }

 private:
  const OptionalJson& config_;
  const OptionalJson& map_;
};

/// Padding and mask are of use only if the vocabulary has them or the configuration names them.
void add_optional(const SpecialTokens& specials, std::string_view name, std::string standard,
                  TokenizerDefinition& definition) {
  const AddedToken token = specials.get(name, std::move(standard));
  if (specials.find(name) || definition.vocabulary.id(token.content)) add_new(token, definition);
}

}  // namespace

std::optional<std::int64_t> read_model_max_length(const ConfigText& tokenizer_config) {
  const OptionalJson config{std::optional(tokenizer_config)};
  const auto place = config.find("model_max_length");
  const auto length = place ? place->value().as_int() : std::nullopt;
  if (!length || *length <= 0 || *length > kLongestLength) return std::nullopt;
  return length;
}

TokenizerDefinition make_bert_definition(VocabTxt vocab, const std::string& vocab_file,
                                         const std::optional<ConfigText>& tokenizer_config,
                                         const std::optional<ConfigText>& special_tokens_map) {
  const OptionalJson config(tokenizer_config);
  const OptionalJson map(special_tokens_map);
  const SpecialTokens specials(config, map);
  const AddedToken unknown = specials.get("unk_token", "[UNK]");
  const AddedToken cls = specials.get("cls_token", "[CLS]");
  const AddedToken sep = specials.get("sep_token", "[SEP]");

  TokenizerDefinition definition;
  definition.vocabulary = std::move(vocab.vocabulary);
  definition.notices = std::move(vocab.notices);
  definition.normalizer = read_normalizer(config);
  definition.pre_tokenizer = PreTokenizer::bert;
  definition.wordpiece.unknown_token = unknown.content;
  require_unknown_token(definition, vocab_file);
  if (const auto decoder = config.find("added_tokens_decoder")) add_listed_tokens(*decoder, definition);

  const std::uint32_t cls_id = require_token(definition, cls.content, vocab_file);
  const std::uint32_t sep_id = require_token(definition, sep.content, vocab_file);
  for (const AddedToken& token : {unknown, sep, cls}) add_new(token, definition);
  add_optional(specials, "pad_token", "[PAD]", definition);
  add_optional(specials, "mask_token", "[MASK]", definition);
  require_visible_added_tokens(definition, vocab_file);
  definition.post_processor = PostProcessor::bert({cls.content, cls_id}, {sep.content, sep_id});
  return definition;
}

}  // namespace attnscope
