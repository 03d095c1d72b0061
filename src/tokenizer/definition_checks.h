// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tokenizer/definition.h"

namespace attnscope {

/// Throws CheckpointError (TOK_SPECIAL) unless the vocabulary has the unknown token.
void require_unknown_token(const TokenizerDefinition& definition, const std::string& file);

/// The id of a token of the vocabulary or of the added tokens.
/// Throws:  CheckpointError (TOK_SPECIAL) if there is none.
[[nodiscard]] std::uint32_t require_token(const TokenizerDefinition& definition, const std::string& token,
                                          const std::string& file);

/// Throws UnsupportedModel (TOK_UNSUPPORTED) if the normalizer leaves nothing of a token to look for.
void require_visible_added_tokens(const TokenizerDefinition& definition, const std::string& file);

}  // namespace attnscope
