// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/load.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/message.h"
#include "tokenizer/tokenizer_config.h"
#include "tokenizer/tokenizer_json.h"
#include "tokenizer/vocab_txt.h"

namespace attnscope {
namespace {

constexpr std::size_t kMaxTokenizerBytes = std::size_t{256} << 20U;
constexpr std::size_t kMaxVocabBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxConfigBytes = std::size_t{16} << 20U;

std::optional<ConfigText> read_config(const ModelFiles& files, const std::string& name) {
  if (!files.has(name)) return std::nullopt;
  return ConfigText{files.text(name, kMaxConfigBytes), files.label(name)};
}

VocabTxt read_vocab(const ModelFiles& files) {
  return read_vocab_txt(files.text("vocab.txt", kMaxVocabBytes), files.label("vocab.txt"));
}

/// The first id under which the two have different tokens.
std::optional<std::uint32_t> first_difference(const Vocabulary& a, const Vocabulary& b) {
  for (std::uint32_t id = 0; id < std::max(a.id_limit(), b.id_limit()); ++id) {
    const std::string* const left = a.token(id);
    const std::string* const right = b.token(id);
    const bool same = left == right || (left != nullptr && right != nullptr && *left == *right);
    if (!same) return id;
  }
  return std::nullopt;
}

void compare_vocabularies(const ModelFiles& files, FileDisagreement disagreement,
                          TokenizerDefinition& definition) {
  if (!files.has("vocab.txt")) return;
  const auto id = first_difference(definition.vocabulary, read_vocab(files).vocabulary);
  if (!id) return;
  const std::string what = fmt::format("disagrees with vocab.txt from token {} on", *id);
  const std::string file = files.label("tokenizer.json");
  if (disagreement == FileDisagreement::notice) {
    definition.notices.push_back(fmt::format("{}: {}; tokenizer.json is used", file, what));
    return;
  }
  throw CheckpointError(problem(ErrorKind::input, "TOK_DISAGREE", file)
                            .found("{}", what)
                            .hint("remove the file that does not belong to the model"));
}

TokenizerDefinition read_definition(const ModelFiles& files, FileDisagreement disagreement) {
  if (files.has("tokenizer.json")) {
    TokenizerDefinition definition =
        read_tokenizer_json(files.text("tokenizer.json", kMaxTokenizerBytes), files.label("tokenizer.json"));
    compare_vocabularies(files, disagreement, definition);
    return definition;
  }
  return make_bert_definition(read_vocab(files), files.label("vocab.txt"),
                              read_config(files, "tokenizer_config.json"),
                              read_config(files, "special_tokens_map.json"));
}

void require_files(const ModelFiles& files) {
  if (files.has("tokenizer.json") || files.has("vocab.txt")) return;
  throw StorageError(problem(ErrorKind::input, "TOK_MISSING", files.source())
                         .found("has neither tokenizer.json nor vocab.txt")
                         .hint("add the tokenizer's files to the model"));
}

}  // namespace

Tokenizer load_tokenizer(const ModelFiles& files, FileDisagreement disagreement) {
  require_files(files);
  TokenizerDefinition definition = read_definition(files, disagreement);
  if (const auto config = read_config(files, "tokenizer_config.json")) {
    definition.model_max_length = read_model_max_length(*config);
  }
  return make_tokenizer(std::move(definition));
}

}  // namespace attnscope
