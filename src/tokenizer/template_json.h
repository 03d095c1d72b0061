// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/definition.h"
#include "tokenizer/json_place.h"

namespace attnscope {

/// Reads the member `post_processor` of a tokenizer.json; vocabulary and added tokens are read before it.
/// Throws:  CheckpointError (TOK_FIELD, TOK_SPECIAL, TOK_TEMPLATE), UnsupportedModel (TOK_UNSUPPORTED).
[[nodiscard]] PostProcessor read_post_processor(const JsonPlace& place,
                                                const TokenizerDefinition& definition);

}  // namespace attnscope
