// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attnscope/tokenizer.h"
#include "checkpoint/pretrained.h"
#include "tokenizer/definition.h"

namespace attnscope {

/// What to do when tokenizer.json and vocab.txt say different things (tokenizer.json always wins).
enum class FileDisagreement { notice, refuse };

/// The tokenizer of a model's files.
/// Throws:  as Tokenizer::load.
[[nodiscard]] Tokenizer load_tokenizer(const ModelFiles& files,
                                       FileDisagreement disagreement = FileDisagreement::notice);

/// A tokenizer of what the files said.
[[nodiscard]] Tokenizer make_tokenizer(TokenizerDefinition definition);

}  // namespace attnscope
