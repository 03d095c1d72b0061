// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/definition_checks.h"

#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse_missing(const std::string& token, const std::string& file) {
  throw CheckpointError(problem(ErrorKind::input, "TOK_SPECIAL", file)
                            .found("the vocabulary has no '{}'", token)
                            .hint("use the vocabulary that the model was trained with"));
}

}  // namespace

void require_unknown_token(const TokenizerDefinition& definition, const std::string& file) {
  const std::string& token = definition.wordpiece.unknown_token;
  if (!definition.vocabulary.id(token)) refuse_missing(token, file);
}

std::uint32_t require_token(const TokenizerDefinition& definition, const std::string& token,
                            const std::string& file) {
  if (const AddedToken* added = definition.added_tokens.find(token)) return added->id;
  if (const auto id = definition.vocabulary.id(token)) return *id;
  refuse_missing(token, file);
}

void require_visible_added_tokens(const TokenizerDefinition& definition, const std::string& file) {
  const Normalizer normalizer(definition.normalizer);
  for (const AddedToken& token : definition.added_tokens.tokens()) {
    if (!token.normalized || !normalizer.normalize(token.content).empty()) continue;
    throw UnsupportedModel(problem(ErrorKind::input, "TOK_UNSUPPORTED", file)
                               .field("/added_tokens")
                               .found("the normalizer leaves nothing of added token {}", token.id)
                               .hint("set its 'normalized' to false"));
  }
}

}  // namespace attnscope
