// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attnscope/word_report.h"
#include "probe/measure_matrices.h"
#include "probe/report_words.h"

namespace attnscope {

/// What a focus is measured with.
struct FocusTools {
  Run& run;
  MeasureMatrices& matrices;
  const ReportWords& words;
  const WordReportOptions& options;
  std::optional<std::int64_t> replacement_id;
};

/// Fills measures and agreements of a focus whose `words` are positions in tools.words, specials among them;
/// afterwards they are positions among the words that the report shows.
void measure(Focus& focus, const std::vector<Measure>& measures, const FocusTools& tools);

/// Positions of the words that the report shows.
[[nodiscard]] std::vector<std::size_t> shown_words(const ReportWords& words, Specials specials);

}  // namespace attnscope
