// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attnscope/tokenizer.h"
#include "attnscope/word_report.h"

namespace attnscope {

/// The words of a text, specials among them, in the order of analysis::word_attention.
class ReportWords {
 public:
  /// Throws:  InvalidArgument (SHAPE) if text and encoding do not fit.
  ReportWords(const std::string& text, const Encoding& encoding);

  [[nodiscard]] const std::vector<ReportWord>& all() const { return words_; }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] bool is_special(std::size_t word) const { return !words_[word].number.has_value(); }
  /// One a token, -1 for specials: what word_attention takes.
  [[nodiscard]] const std::vector<std::int64_t>& word_ids() const { return word_ids_; }
  /// Positions of the words that hold these tokens.
  [[nodiscard]] std::vector<std::size_t> holding(const std::vector<std::int64_t>& tokens) const;
  /// Positions of the words of the text, in order: the word of number i is the i-th.
  [[nodiscard]] const std::vector<std::size_t>& of_text() const { return of_text_; }

 private:
  std::vector<std::int64_t> word_ids_;
  std::vector<ReportWord> words_;
  std::vector<std::size_t> of_text_;
};

}  // namespace attnscope
