// SPDX-License-Identifier: Apache-2.0
#include "probe/focus.h"

#include <algorithm>
#include <limits>

#include "analysis/rows.h"
#include "attnscope/analysis.h"
#include "attnscope/probe.h"
#include "probe/agreement.h"

namespace attnscope {
namespace {

using Scores = std::vector<double>;

void divide_by_sum(Scores& scores) {
  analysis::divide_by_sum(scores.data(), static_cast<std::int64_t>(scores.size()));
}

Scores row_of(const TensorView& matrix, std::int64_t row) {
  Scores scores;
  for (std::int64_t column = 0; column < matrix.size(1); ++column)
    scores.push_back(static_cast<double>(matrix.at({row, column})));
  return scores;
}

/// Several words looked from as one.
/// Shapes:  matrix [words, words].
Scores rows_together(const TensorView& matrix, const std::vector<std::int64_t>& rows,
                     analysis::WordRule rule) {
  Scores together = row_of(matrix, rows.front());
  if (rows.size() == 1 || rule == analysis::WordRule::first) return together;
  const bool largest = rule == analysis::WordRule::max;
  for (std::size_t index = 1; index < rows.size(); ++index) {
    const Scores row = row_of(matrix, rows[index]);
    for (std::size_t word = 0; word < row.size(); ++word)
      together[word] = largest ? std::max(together[word], row[word]) : together[word] + row[word];
  }
  if (largest) {
    divide_by_sum(together);
  } else {
    for (double& score : together) score /= static_cast<double>(rows.size());
  }
  return together;
}

Tensor matrix_of(Measure measure, const Focus& focus, MeasureMatrices& matrices) {
  switch (measure) {
    case Measure::rollout:
      return matrices.rollout();
    case Measure::norms:
      return matrices.norms();
    case Measure::gradient:
      return matrices.gradient(*focus.target);
    default:
      return matrices.attention();
  }
}

/// From the words of the focus to every word.
Scores looked_at(Measure measure, const Focus& focus, const FocusTools& tools) {
  const Tensor matrix = matrix_of(measure, focus, tools.matrices);
  const Tensor words = analysis::word_attention(matrix.view(), tools.words.word_ids(), tools.options.rule);
  const bool all_words = focus.kind == Focus::Kind::text;
  Scores scores =
      rows_together(words.view(), focus.words, all_words ? analysis::WordRule::mean : tools.options.rule);
  if (measure == Measure::gradient) divide_by_sum(scores);
  return scores;
}

/// What the target loses or gains without each word of the text; NaN for specials.
Scores left_out(const Focus& focus, const FocusTools& tools) {
  std::vector<std::vector<std::int64_t>> groups;
  for (const std::size_t word : tools.words.of_text()) groups.push_back(tools.words.all()[word].tokens);
  const Tensor changes =
      leave_one_out(tools.run, tools.matrices.text(), *focus.target, groups, tools.replacement_id);
  Scores scores(tools.words.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t group = 0; group < groups.size(); ++group)
    scores[tools.words.of_text()[group]] =
        static_cast<double>(changes.at({static_cast<std::int64_t>(group)}));
  return scores;
}

Scores scores_of(Measure measure, const Focus& focus, const FocusTools& tools,
                 const std::vector<std::size_t>& shown) {
  const bool removal = measure == Measure::leave_one_out;
  const Scores all = removal ? left_out(focus, tools) : looked_at(measure, focus, tools);
  Scores scores;
  for (const std::size_t word : shown) scores.push_back(all[word]);
  if (!removal && tools.options.specials == Specials::renormalised) divide_by_sum(scores);
  return scores;
}

/// Positions in `shown` of the words of the text that are not the focus's own.
std::vector<std::size_t> compared_words(const Focus& focus, const ReportWords& words,
                                        const std::vector<std::size_t>& shown) {
  std::vector<std::size_t> compared;
  for (std::size_t index = 0; index < shown.size(); ++index) {
    const auto word = static_cast<std::int64_t>(shown[index]);
    const bool own = focus.kind != Focus::Kind::text &&
                     std::find(focus.words.begin(), focus.words.end(), word) != focus.words.end();
    if (!own && !words.is_special(shown[index])) compared.push_back(index);
  }
  return compared;
}

std::vector<std::int64_t> positions_in(const std::vector<std::size_t>& shown,
                                       const std::vector<std::int64_t>& words) {
  std::vector<std::int64_t> positions;
  for (std::size_t index = 0; index < shown.size(); ++index)
    if (std::find(words.begin(), words.end(), static_cast<std::int64_t>(shown[index])) != words.end())
      positions.push_back(static_cast<std::int64_t>(index));
  return positions;
}

}  // namespace

std::vector<std::size_t> shown_words(const ReportWords& words, Specials specials) {
  std::vector<std::size_t> shown(words.size());
  std::iota(shown.begin(), shown.end(), 0U);
  return specials == Specials::shown ? shown : words.of_text();
}

void measure(Focus& focus, const std::vector<Measure>& measures, const FocusTools& tools) {
  const std::vector<std::size_t> shown = shown_words(tools.words, tools.options.specials);
  for (const Measure measure : measures)
    focus.measures.push_back({measure, scores_of(measure, focus, tools, shown)});
  const std::vector<std::size_t> compared = compared_words(focus, tools.words, shown);
  focus.compared_words = static_cast<std::int64_t>(compared.size());
  focus.agreements = agreements_of(focus.measures, compared);
  focus.words = positions_in(shown, focus.words);
}

}  // namespace attnscope
