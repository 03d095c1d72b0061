// SPDX-License-Identifier: Apache-2.0
#include "aligned_table.h"

#include <algorithm>

#include "attnscope/outputs.h"

namespace attnscope::cli {
namespace {

constexpr const char* kGap = "  ";

std::size_t width_of(const std::string& cell) { return static_cast<std::size_t>(display_width(cell)); }

}  // namespace

void AlignedTable::add_column(const std::string& title, Align align) {
  aligns_.push_back(align);
  widths_.push_back(width_of(title));
  rows_[0].push_back(title);
}

void AlignedTable::add_row(const std::vector<std::string>& cells) {
  std::vector<std::string> row;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    row.push_back(escape_for_terminal(cells[column]));
    widths_[column] = std::max(widths_[column], width_of(row.back()));
  }
  rows_.push_back(std::move(row));
}

std::string AlignedTable::line_of(const std::vector<std::string>& cells) const {
  std::string line;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const std::string blanks(widths_[column] - width_of(cells[column]), ' ');
    if (column > 0) line += kGap;
    line += aligns_[column] == Align::left ? cells[column] + blanks : blanks + cells[column];
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
}

std::string AlignedTable::text() const {
  std::string text;
  for (const std::vector<std::string>& row : rows_) text += line_of(row);
  return text;
}

}  // namespace attnscope::cli
