// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "attnscope/outputs.h"
#include "attnscope/word_report.h"

namespace attnscope::cli {

struct WordsView {
  std::size_t top = 10;  ///< rows of each table
  bool one_fact_a_line = false;
  bool block_bars = false;  ///< bars of block characters, else of '#'
};

/// The sentence with its entities in brackets, then a table for each focus, then what the measures are.
[[nodiscard]] std::string words_table(std::string_view text, const WordReport& report, const WordsView& view);

/// All of the report as one JSON object.
[[nodiscard]] std::string words_json(std::string_view text, const WordReport& report);

}  // namespace attnscope::cli
