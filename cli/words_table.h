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
  int columns = 80;         ///< of the terminal; sentences are wrapped to it
};

/// The sentence with its entities in brackets, then a table for each focus, then what the measures are.
[[nodiscard]] std::string words_table(std::string_view text, const WordReport& report, const WordsView& view);

/// All of the report as one JSON object, beginning with the name of the view where there are several.
[[nodiscard]] std::string words_json(std::string_view text, const WordReport& report,
                                     std::string_view view = {});

}  // namespace attnscope::cli
