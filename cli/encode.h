// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/error.h"
#include "attnscope/model.h"
#include "model_options.h"
#include "texts.h"

namespace attnscope::cli {

/// How texts of the command line become tokens.
class TextEncoder {
 public:
  /// `limit`: the most tokens the model can take.
  /// Throws:  InvalidArgument for a word that --utf8 does not know.
  TextEncoder(const Tokenizer& tokenizer, const ComputeOptions& options, std::int64_t limit);

  /// Throws:  TextError (TEXT_UTF8, TEXT_TOO_LONG) that names the file and the line.
  [[nodiscard]] Encoding operator()(const InputText& input) const;

  /// The text as windows that share `stride` tokens.
  /// Throws:  TextError (TEXT_UTF8) that names the file and the line;
  ///          InvalidArgument (TOK_TRUNC) for a stride that leaves no room.
  [[nodiscard]] std::vector<Encoding> windows(const InputText& input, std::int64_t stride) const;

 private:
  const Tokenizer& tokenizer_;
  EncodeOptions options_;
  std::int64_t limit_;
};

/// The same error, with the file and the line of the text.
[[nodiscard]] TextError located(const TextError& error, const InputText& input);

/// Throws:  InvalidArgument unless `word` is refuse or replace.
[[nodiscard]] InvalidUtf8 parse_utf8(const std::string& word);

}  // namespace attnscope::cli
