// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace attnscope::cli {

/// Lines of cells under a heading, aligned by what the cells take on a terminal. Cells are escaped.
class AlignedTable {
 public:
  enum class Align { left, right };

  void add_column(const std::string& title, Align align = Align::right);
  /// As many cells as there are columns.
  void add_row(const std::vector<std::string>& cells);
  [[nodiscard]] std::string text() const;

 private:
  [[nodiscard]] std::string line_of(const std::vector<std::string>& cells) const;

  std::vector<Align> aligns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> rows_{{}};  // the heading first
};

}  // namespace attnscope::cli
