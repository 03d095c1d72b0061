// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer/definition.h"
#include "tokenizer/vocab_txt.h"

namespace attnscope {

/// Text of a file and how errors call it; an absent file has no text.
struct ConfigText {
  std::string text;
  std::string file;
};

/// model_max_length of tokenizer_config.json; absent if it says none, or the huge number that stands for
/// none.
[[nodiscard]] std::optional<std::int64_t> read_model_max_length(const ConfigText& tokenizer_config);

/// The BERT tokenizer of a vocab.txt, as tokenizer_config.json and special_tokens_map.json (both may be
/// absent) change it: lower case, accents, special tokens. Throws:  CheckpointError (TOK_FIELD, TOK_ID,
/// TOK_SPECIAL), UnsupportedModel (TOK_UNSUPPORTED).
[[nodiscard]] TokenizerDefinition make_bert_definition(VocabTxt vocab, const std::string& vocab_file,
                                                       const std::optional<ConfigText>& tokenizer_config,
                                                       const std::optional<ConfigText>& special_tokens_map);

}  // namespace attnscope
