// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "outputs/palette.h"

namespace attnscope {

/// In points, from the upper left corner of the figure.
struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

enum class Anchor { start, middle, end };

struct TextStyle {
  double size = 7;
  Rgb fill = {};
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool upwards = false;  ///< turned by 90 degrees to the left
};

struct LineStyle {
  Rgb stroke = {};
  double width = 0.5;
  double opacity = 1.0;
  const char* dashes = "";  ///< lengths in points; empty: drawn through
};

/// Elements of an SVG one after another, with the same bytes on every machine.
class SvgWriter {
 public:
  void rect(const Box& box, Rgb fill, double radius = 0.0);
  void frame(const Box& box, const LineStyle& style, double radius = 0.0);
  void line(double x1, double y1, double x2, double y2, const LineStyle& style);
  void circle(double x, double y, double radius, Rgb fill);
  /// A path that is not filled; `data` as SVG's attribute d.
  void path(std::string_view data, const LineStyle& style);
  /// The text is made harmless and stays one text; from right to left if its first letter is.
  /// `whole` is said to those who ask for it where `text` is cut.
  void text(double x, double y, std::string_view text, const TextStyle& style, std::string_view whole = {});
  /// `attributes` are written as they are.
  void open_group(std::string_view attributes);
  void close_group();
  /// A cell of a group whose unit is one cell.
  void cells(std::int64_t column, std::int64_t row, std::int64_t columns, std::int64_t rows, Rgb fill);

  [[nodiscard]] const std::string& body() const { return body_; }

 private:
  std::string body_;
};

/// "12.5": two decimals at most, never "-0".
[[nodiscard]] std::string svg_number(double value);
/// "#00224e"
[[nodiscard]] std::string svg_color(Rgb color);
/// safe_text with what XML reserves escaped.
[[nodiscard]] std::string xml_text(std::string_view text);

}  // namespace attnscope
