// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// How the lines of a table are written.
class TableStyle {
 public:
  virtual ~TableStyle() = default;
  /// The first line; may be empty.
  [[nodiscard]] virtual std::string header(const std::vector<std::string>& columns) const = 0;
  /// What stands before the value of a column.
  [[nodiscard]] virtual std::string lead(std::string_view column, bool is_first) const = 0;
  [[nodiscard]] virtual std::string text(std::string_view value) const = 0;
  [[nodiscard]] virtual std::string_view not_a_number() const { return "nan"; }
  [[nodiscard]] virtual std::string_view infinity() const { return "inf"; }
  [[nodiscard]] virtual std::string_view end() const { return "\n"; }
};

/// By the ending of the name; null if it is none of a table.
[[nodiscard]] const TableStyle* table_style_of(std::string_view path);

}  // namespace attnscope
