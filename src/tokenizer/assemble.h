// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "attnscope/tokenizer.h"
#include "tokenizer/definition.h"
#include "tokenizer/encoder.h"

namespace attnscope {

/// The public encoding of one text, or of a pair: truncated if asked, put into the template.
/// Throws:  InvalidArgument, TextError (TOK_TRUNC) if it cannot be made short enough.
[[nodiscard]] Encoding assemble(const TokenizerDefinition& definition, const TextTokens& first,
                                const TextTokens* second, const EncodeOptions& options);

struct WindowSize {
  std::int64_t max_length = 0;  ///< with special tokens
  std::int64_t stride = 0;      ///< tokens that a window shares with the one before
};

/// The text as windows, each put into the template.
/// Throws:  InvalidArgument (TOK_TRUNC) if a window has no room.
[[nodiscard]] std::vector<Encoding> assemble_windows(const TokenizerDefinition& definition,
                                                     const TextTokens& text, const WindowSize& size,
                                                     bool add_special_tokens);

}  // namespace attnscope
