// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tokenizer/added_tokens.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/vocabulary.h"
#include "tokenizer/wordpiece.h"

namespace attnscope {

/// Everything that the files of a tokenizer say, checked.
struct TokenizerDefinition {
  Vocabulary vocabulary;  ///< without the added tokens that are not in it
  WordPieceOptions wordpiece;
  NormalizerOptions normalizer;
  PreTokenizer pre_tokenizer = PreTokenizer::none;
  PostProcessor post_processor = PostProcessor::none();
  AddedTokens added_tokens;
  std::optional<std::int64_t> model_max_length;
  std::vector<std::string> notices;
};

}  // namespace attnscope
