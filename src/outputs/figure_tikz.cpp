// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>

#include "attnscope/figures.h"
#include "outputs/figure_cells.h"
#include "outputs/tex_text.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMostCells = 64;  // a side: TeX's memory is small

/// Units are millimetres, y runs downwards.
class TikzPicture {
 public:
  TikzPicture(double cell_mm, double font_pt) : cell_(cell_mm), font_(font_pt) {}

  void fill(double x, double y, double width, double height, Rgb color) {
    paths_ += fmt::format("  \\fill[{}] ({:.3f},{:.3f}) rectangle ({:.3f},{:.3f});\n", name_of(color), x, y,
                          x + width, y + height);
  }

  void node(double x, double y, const std::string& options, const std::string& text) {
    paths_ += fmt::format("  \\node[{}] at ({:.3f},{:.3f}) {{{}}};\n", options, x, y, text);
  }

  [[nodiscard]] double cell() const { return cell_; }

  [[nodiscard]] std::string text() const {
    std::string colors;
    for (const auto& [color, name] : colors_)
      colors += fmt::format("  \\definecolor{{{}}}{{HTML}}{{{}}}\n", name, color);
    return fmt::format(
        "% Needs \\usepackage{{tikz}}.\n\\begin{{tikzpicture}}[x=1mm,y=-1mm,inner sep=0.6mm,"
        "font=\\fontsize{{{}}}{{{}}}\\selectfont]\n{}{}\\end{{tikzpicture}}\n",
        svg_number(font_), svg_number(1.2 * font_), colors, paths_);
  }

 private:
  const std::string& name_of(Rgb color) {
    const std::string hex = fmt::format("{:02X}{:02X}{:02X}", color.red, color.green, color.blue);
    return colors_.emplace(hex, "attn" + hex).first->second;
  }

  double cell_;
  double font_;
  std::map<std::string, std::string> colors_;
  std::string paths_;
};

void draw_bar(TikzPicture& picture, const FigureScale& scale, double y, double width) {
  constexpr int kSteps = 32;
  constexpr double kHeight = 2.0;
  const double label_mm = 8.0;
  for (int step = 0; step < kSteps; ++step)
    picture.fill(width * step / kSteps, y, width / kSteps, kHeight,
                 scale.palette().at(static_cast<float>(step) / static_cast<float>(kSteps - 1)));
  for (const Tick& tick : scale.ticks(label_mm / width))
    picture.node(tick.fraction * width, y + kHeight, "anchor=north", tex_text(tick.label));
  picture.node(width / 2.0, y, "anchor=south", tex_text(scale.sentence()));
}

}  // namespace

std::string tikz_matrix(const TensorView& weights, const std::vector<std::string>& row_labels,
                        const std::vector<std::string>& column_labels, const FigureOptions& options) {
  const auto rows = static_cast<std::int64_t>(row_labels.size());
  const auto columns = static_cast<std::int64_t>(column_labels.size());
  check_matrix(weights, rows, columns);
  check_shape(rows <= kMostCells && columns <= kMostCells, fmt::format("{} x {} cells", rows, columns),
              fmt::format("at most {} a side in TikZ: take SVG or PDF", kMostCells));
  static_cast<void>(Figure(options, ""));  // checks the options
  const FigureScale scale(options, {weights}, palette_of(options));
  constexpr double kMmPerPoint = 25.4 / 72.0;
  const LabelPlan plan = plan_labels(row_labels, 1e9, options.font_size_pt, 12.0 * options.font_size_pt);
  const double cell = (options.width_mm - plan.room * kMmPerPoint - 2.0) / static_cast<double>(columns);
  TikzPicture picture(cell, options.font_size_pt);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column)
      picture.fill(cell * static_cast<double>(column), cell * static_cast<double>(row), cell, cell,
                   scale.color(static_cast<double>(weights.at({row, column}))));
  }
  for (std::int64_t row = 0; row < rows; ++row)
    picture.node(0, cell * (static_cast<double>(row) + 0.5), "anchor=east",
                 tex_text(row_labels[static_cast<std::size_t>(row)]));
  for (std::int64_t column = 0; column < columns; ++column)
    picture.node(cell * (static_cast<double>(column) + 0.5), 0, "anchor=west,rotate=90",
                 tex_text(column_labels[static_cast<std::size_t>(column)]));
  draw_bar(picture, scale, cell * static_cast<double>(rows) + 6.0, cell * static_cast<double>(columns));
  return picture.text();
}

}  // namespace attnscope
