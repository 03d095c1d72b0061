// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "attnscope/figures.h"
#include "attnscope/word_report.h"

namespace attnscope::cli {

/// Where the row of a focus goes, by one measure; absent where there is no such word, or where scores cannot
/// be added (leave_one_out).
struct RowShares {
  std::optional<double> special_tokens;
  std::optional<double> itself;
  std::optional<double> words;  ///< of the text, its own left out
};
[[nodiscard]] RowShares row_shares(const WordReport& report, const Focus& focus,
                                   const MeasuredWords& measured);

/// The text shaded by the first measure of a focus. Where scores are shares of a row, its own words are bare
/// and stand in the rest.
[[nodiscard]] WordsPicture word_picture(const std::string& text, const WordReport& report,
                                        const Focus& focus);

}  // namespace attnscope::cli
