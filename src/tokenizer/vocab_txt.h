// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/vocabulary.h"

namespace attnscope {

/// A vocabulary with one token a line; the id is the number of the line, from 0.
struct VocabTxt {
  Vocabulary vocabulary;
  std::vector<std::string> notices;  ///< tokens that stand on two lines
};

/// Reads vocab.txt as the wheel does: lines end in "\n" only, blanks at their end go, a token that stands
/// twice has the id of its last line. Throws:  CheckpointError (TOK_UTF8) with line and byte.
[[nodiscard]] VocabTxt read_vocab_txt(std::string_view text, const std::string& file);

}  // namespace attnscope
