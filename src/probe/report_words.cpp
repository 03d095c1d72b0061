// SPDX-License-Identifier: Apache-2.0
#include "probe/report_words.h"

#include <algorithm>

#include "attnscope/analysis.h"
#include "core/message.h"

namespace attnscope {
namespace {

void check(const std::string& text, const Encoding& encoding) {
  const std::size_t tokens = encoding.size();
  const bool whole = encoding.tokens.size() == tokens && encoding.offsets.size() == tokens &&
                     encoding.word_ids.size() == tokens;
  const bool fits = std::all_of(encoding.offsets.begin(), encoding.offsets.end(), [&](const Span& span) {
    return span.begin >= 0 && span.begin <= span.end && span.end <= static_cast<std::int64_t>(text.size());
  });
  const bool one_text = std::none_of(encoding.sequence_ids.begin(), encoding.sequence_ids.end(),
                                     [](const auto& id) { return id && *id != 0; });
  if (tokens > 0 && whole && fits && one_text) return;
  throw InvalidArgument(
      problem(ErrorKind::usage, "SHAPE", "word_report")
          .found("the encoding of {} tokens is not that of the text of {} bytes", tokens, text.size())
          .hint("give one text and what the tokenizer makes of it"));
}

ReportWord word_of(const std::string& text, const Encoding& encoding, std::int64_t first, std::int64_t last) {
  ReportWord word;
  for (std::int64_t token = first; token < last; ++token) word.tokens.push_back(token);
  const auto front = static_cast<std::size_t>(first);
  if (!encoding.word_ids[front]) {
    word.text = encoding.tokens[front];
    return word;
  }
  word.span = {encoding.offsets[front].begin, encoding.offsets[static_cast<std::size_t>(last) - 1].end};
  word.text = text.substr(static_cast<std::size_t>(word.span.begin),
                          static_cast<std::size_t>(word.span.end - word.span.begin));
  return word;
}

}  // namespace

ReportWords::ReportWords(const std::string& text, const Encoding& encoding) {
  check(text, encoding);
  for (const auto& id : encoding.word_ids) word_ids_.push_back(id.value_or(-1));
  for (const auto& [first, last] : analysis::word_ranges(word_ids_)) {
    words_.push_back(word_of(text, encoding, first, last));
    if (word_ids_[static_cast<std::size_t>(first)] < 0) continue;
    words_.back().number = static_cast<std::int64_t>(of_text_.size());
    of_text_.push_back(words_.size() - 1);
  }
}

std::vector<std::size_t> ReportWords::holding(const std::vector<std::int64_t>& tokens) const {
  std::vector<std::size_t> found;
  for (std::size_t word = 0; word < words_.size(); ++word) {
    const std::vector<std::int64_t>& own = words_[word].tokens;
    const bool holds = std::any_of(tokens.begin(), tokens.end(), [&](std::int64_t token) {
      return token >= own.front() && token <= own.back();
    });
    if (holds) found.push_back(word);
  }
  return found;
}

}  // namespace attnscope
