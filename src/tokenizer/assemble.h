// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "attnscope/tokenizer.h"
#include "tokenizer/definition.h"
#include "tokenizer/encoder.h"

namespace attnscope {

/// The public encoding of one text, or of a pair: truncated if asked, put into the template.
/// Throws:  InvalidArgument, TextError (TOK_TRUNC) if it cannot be made short enough.
[[nodiscard]] Encoding assemble(const TokenizerDefinition& definition, const TextTokens& first,
                                const TextTokens* second, const EncodeOptions& options);

}  // namespace attnscope
