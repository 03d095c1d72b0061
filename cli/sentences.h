// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "attnscope/model.h"
#include "model_options.h"
#include "texts.h"

namespace attnscope::cli {

/// Where the sentences of a corpus come from: texts, or a labelled file in CoNLL columns.
struct SentenceOptions {
  TextOptions texts;
  std::string labels;  ///< CoNLL file; excludes texts
  std::string limit;   ///< so many sentences at most; empty: all
};

struct Sentence {
  Encoding encoding;
  std::vector<std::string> labels;  ///< one a word, of a labelled file
  std::string file;
  std::int64_t number = 0;  ///< of its line, or of the argument, from 1
};

/// Hands out one sentence after another as tokens, in constant memory.
class SentenceReader {
 public:
  /// Throws:  InvalidArgument for options that exclude each other; StorageError.
  SentenceReader(const SentenceOptions& options, const ComputeOptions& compute, const Model& model);
  ~SentenceReader();
  SentenceReader(const SentenceReader&) = delete;
  SentenceReader& operator=(const SentenceReader&) = delete;

  /// Nothing at the end.
  /// Throws:  TextError (TEXT_UTF8, TEXT_TOO_LONG, CONLL_LINE) that names the file and the line.
  [[nodiscard]] std::optional<Sentence> next();
  /// Sentences that are run together; empty at the end.
  [[nodiscard]] std::vector<Sentence> next_batch();
  /// Part that was handed out, 0 to 1; empty where the whole is not known.
  [[nodiscard]] std::optional<double> fraction() const;

  class Source;

 private:
  std::unique_ptr<Source> source_;
  std::optional<std::int64_t> limit_;
  std::int64_t done_ = 0;
};

/// Everything that can be known to be wrong with the options before the model is loaded.
/// Throws:  InvalidArgument.
void check_sentences(const SentenceOptions& options);

/// Whether the sentences can be read a second time: not from a pipe.
[[nodiscard]] bool can_read_again(const SentenceOptions& options);

}  // namespace attnscope::cli
