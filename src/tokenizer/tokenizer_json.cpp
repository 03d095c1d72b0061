// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/tokenizer_json.h"

#include <algorithm>

#include "tokenizer/definition_checks.h"
#include "tokenizer/json_place.h"
#include "tokenizer/template_json.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMaxCharsPerWord = 10000;

void check_model_type(const JsonPlace& model) {
  const std::string type = model.type();
  if (type == "WordPiece") return;
  if (type.empty() && model.find("vocab") && !model.find("merges") && model.find("max_input_chars_per_word"))
    return;
  throw UnsupportedModel(
      model.problem("TOK_MODEL")
          .found("tokenizer model '{}', supported: WordPiece", type.empty() ? "unknown" : type)
          .hint("use a model of the BERT line with a WordPiece tokenizer"));
}

[[noreturn]] void refuse_id(const JsonPlace& place, const std::string& token, std::uint32_t id,
                            const std::string& why) {
  throw CheckpointError(place.problem("TOK_ID")
                            .found("token '{}' has id {}, {}", token, id, why)
                            .hint("number the tokens from 0 without gaps"));
}

/// The ids of n tokens are 0 to n - 1, each once.
Vocabulary read_vocabulary(const JsonPlace& place) {
  Vocabulary vocabulary;
  const auto members = place.members();
  for (const auto& [token, entry] : members) {
    const std::uint32_t id = entry.token_id(token);
    if (id >= members.size()) {
      refuse_id(entry, token, id,
                fmt::format("but there are {} tokens: some id below has none", members.size()));
    }
    if (const std::string* other = vocabulary.token(id)) {
      refuse_id(entry, token, id, fmt::format("which token '{}' has too", *other));
    }
    vocabulary.set(token, id);
  }
  return vocabulary;
}

std::size_t read_max_chars(const JsonPlace& place, std::vector<std::string>& notices) {
  const std::int64_t given = place.integer();
  if (given < 0) {
    throw CheckpointError(
        place.problem("TOK_FIELD").found("is {}, expected 0 or more", given).hint("use 100"));
  }
  if (given > kMaxCharsPerWord) {
    notices.push_back(
        fmt::format("{}: {}: {} is lowered to {}", place.file(), place.pointer(), given, kMaxCharsPerWord));
  }
  return static_cast<std::size_t>(std::min(given, kMaxCharsPerWord));
}

void read_model(const JsonPlace& model, TokenizerDefinition& definition) {
  check_model_type(model);
  definition.wordpiece.unknown_token = model.require("unk_token").string();
  definition.wordpiece.continuing_prefix = model.require("continuing_subword_prefix").string();
  definition.wordpiece.max_chars_per_word =
      read_max_chars(model.require("max_input_chars_per_word"), definition.notices);
  definition.vocabulary = read_vocabulary(model.require("vocab"));
  require_unknown_token(definition, model.file());
}

NormalizerOptions read_bert_normalizer(const JsonPlace& place) {
  NormalizerOptions options;
  options.clean_text = place.require("clean_text").boolean();
  options.handle_chinese_chars = place.require("handle_chinese_chars").boolean();
  options.lowercase = place.require("lowercase").boolean();
  const auto strip_accents = place.find("strip_accents");
  options.strip_accents = strip_accents ? strip_accents->boolean() : options.lowercase;
  return options;
}

NormalizerOptions read_normalizer(const JsonPlace& place) {
  const std::string type = place.type();
  if (type == "BertNormalizer") return read_bert_normalizer(place);
  if (type == "Lowercase") return {.lowercase = true};
  if (type == "Sequence") {
    const auto normalizers = place.require("normalizers").items();
    if (normalizers.empty()) return {};
    if (normalizers.size() == 1) return read_normalizer(normalizers.front());
  }
  place.refuse_kind("normalizer", type);
}

PreTokenizer read_pre_tokenizer(const JsonPlace& place) {
  const std::string type = place.type();
  if (type == "BertPreTokenizer") return PreTokenizer::bert;
  if (type == "Sequence") {
    const auto parts = place.require("pretokenizers").items();
    if (parts.empty()) return PreTokenizer::none;
    if (parts.size() == 1) return read_pre_tokenizer(parts.front());
  }
  place.refuse_kind("pre-tokenizer", type);
}

AddedToken read_added_token(const JsonPlace& place) {
  AddedToken token;
  token.content = place.require("content").string();
  token.id = place.require("id").token_id(token.content);
  token.single_word = place.require("single_word").boolean();
  token.lstrip = place.require("lstrip").boolean();
  token.rstrip = place.require("rstrip").boolean();
  token.normalized = place.require("normalized").boolean();
  token.special = place.require("special").boolean();
  return token;
}

/// The wheel gives new tokens the ids after the vocabulary, whatever the file says: a file that says
/// something else means another tokenizer than the one it makes.
void read_added_tokens(const JsonPlace& place, TokenizerDefinition& definition) {
  for (const JsonPlace& item : place.items()) {
    AddedToken token = read_added_token(item);
    if (token.content.empty()) {
      definition.notices.push_back(
          fmt::format("{}: {}: an empty added token is left out", place.file(), item.pointer()));
      continue;
    }
    if (definition.added_tokens.find(token.content) != nullptr)
      refuse_id(item, token.content, token.id, "but stands twice");
    const std::uint32_t expected = definition.added_tokens.id_for(token.content, definition.vocabulary);
    if (token.id != expected) refuse_id(item, token.content, token.id, fmt::format("expected {}", expected));
    definition.added_tokens.add(std::move(token));
  }
}

void check_truncation(const JsonPlace& place) {
  const std::int64_t stride = place.require("stride").integer();
  const std::int64_t max_length = place.require("max_length").integer();
  if (stride >= 0 && stride < max_length) return;
  throw CheckpointError(place.problem("TOK_TRUNC")
                            .found("stride {} is not below max_length {}", stride, max_length)
                            .hint("use stride 0"));
}

}  // namespace

TokenizerDefinition read_tokenizer_json(std::string_view text, const std::string& file) {
  const JsonValue root = parse_json_file(text, file, "TOK");
  const JsonPlace place(root, file);
  TokenizerDefinition definition;
  read_model(place.require("model"), definition);
  if (const auto normalizer = place.find("normalizer")) definition.normalizer = read_normalizer(*normalizer);
  if (const auto part = place.find("pre_tokenizer")) definition.pre_tokenizer = read_pre_tokenizer(*part);
  if (const auto tokens = place.find("added_tokens")) read_added_tokens(*tokens, definition);
  require_visible_added_tokens(definition, file);
  if (const auto part = place.find("post_processor"))
    definition.post_processor = read_post_processor(*part, definition);
  if (const auto truncation = place.find("truncation")) check_truncation(*truncation);
  return definition;
}

}  // namespace attnscope
