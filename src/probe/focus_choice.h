// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "attnscope/word_report.h"
#include "probe/report_words.h"

namespace attnscope {

/// What one text is read as.
struct ReadText {
  const Model& model;
  const ReportWords& words;
  const std::vector<Entity>& entities;
  const Tensor& logits;
};

/// What a report explains: the chosen word, the chosen entity, all entities, the label, or what all words
/// look at; nothing for a text without words. `words` of each are positions in ReadText::words. Throws:  as
/// word_report.
[[nodiscard]] std::vector<Focus> choose_focuses(const ReadText& read, const WordReportOptions& options);

}  // namespace attnscope
