// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "attnscope/viewer.h"

namespace attnscope {
namespace {

/// Position of the entity that holds the word; -1: none.
std::int64_t entity_of(const ReportWord& word, const std::vector<Entity>& entities) {
  const auto holds = [&](const Entity& entity) {
    return entity.span.begin < word.span.end && word.span.begin < entity.span.end;
  };
  const auto found = std::find_if(entities.begin(), entities.end(), holds);
  return found == entities.end() ? -1 : found - entities.begin();
}

/// "[CLS] [SEP]"
std::string special_tokens_of(const WordReport& report) {
  std::vector<std::string> names;
  for (const ReportWord& word : report.words)
    if (!word.number && std::find(names.begin(), names.end(), word.text) == names.end())
      names.push_back(word.text);
  return fmt::format("{}", fmt::join(names, " "));
}

std::vector<ShadedWord> shaded_words(const WordReport& report, const Focus& focus,
                                     const MeasuredWords& measured, bool shows_own) {
  std::vector<ShadedWord> words;
  for (std::size_t index = 0; index < report.words.size(); ++index) {
    const ReportWord& word = report.words[index];
    if (!word.number) continue;
    ShadedWord shaded;
    shaded.span = word.span;
    shaded.focus = is_own(focus, index);
    shaded.weight =
        shaded.focus && !shows_own ? std::numeric_limits<double>::quiet_NaN() : measured.scores[index];
    shaded.entity = entity_of(word, report.entities);
    if (shaded.entity >= 0 && (words.empty() || words.back().entity != shaded.entity))
      shaded.label = report.entities[static_cast<std::size_t>(shaded.entity)].kind;
    words.push_back(shaded);
  }
  return words;
}

/// Before the measure: whose row it is.
std::string subject_of(const Focus& focus) {
  switch (focus.kind) {
    case Focus::Kind::entity:
    case Focus::Kind::word:
      return fmt::format("from \u201C{}\u201D: ", focus.text);
    case Focus::Kind::label:
      return fmt::format("for the label {}: ", focus.label);
    case Focus::Kind::text:
      break;
  }
  return "received, mean over all words: ";
}

}  // namespace

WordsPicture words_picture(const std::string& text, const WordReport& report, const Focus& focus) {
  const MeasuredWords& measured = focus.measures.front();
  const bool adds_up = measured.measure != Measure::leave_one_out;
  WordsPicture picture;
  picture.text = text;
  picture.words = shaded_words(report, focus, measured, !adds_up);
  const RowShares shares = row_shares(report, focus, measured);
  if (shares.special_tokens) picture.rest.emplace_back(special_tokens_of(report), *shares.special_tokens);
  if (shares.itself) picture.rest.emplace_back("itself", *shares.itself);
  if (shares.words) picture.rest.emplace_back(shares.itself ? "other words" : "words", *shares.words);
  picture.measure = subject_of(focus) + describe(measured.measure, report);
  if (adds_up) picture.rule = describe(report.rule);
  return picture;
}

}  // namespace attnscope
