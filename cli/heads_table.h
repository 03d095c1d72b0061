// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/head_report.h"
#include "attnscope/outputs.h"

namespace attnscope::cli {

/// A number of every head.
struct HeadColumn {
  std::string name;            ///< in JSON, CSV and --sort
  std::vector<double> values;  ///< layer by layer
};

/// The heads of a report with their numbers, sorted.
class HeadTable {
 public:
  explicit HeadTable(const HeadReport& report);
  void add(HeadColumn column) { columns_.push_back(std::move(column)); }
  void add(const std::string& name, const Tensor& values);

  /// Sorts by layer, head, or a column that there is: layer, head, f1 and f1_change from the smallest, others
  /// from the largest.
  void sort(const std::string& name);
  /// Keeps so many of the first rows.
  void keep_first(std::size_t count);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string csv() const;
  /// An array of objects.
  void write(JsonWriter& json) const;

 private:
  const HeadReport& report_;
  std::vector<HeadColumn> columns_;
  std::vector<std::size_t> order_;  // places in the report's heads
};

/// "72 heads, 1 text, 9 rows: 40 mixed, 20 sep, 12 previous".
[[nodiscard]] std::string pattern_summary(const HeadReport& report);

}  // namespace attnscope::cli
