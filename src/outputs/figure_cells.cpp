// SPDX-License-Identifier: Apache-2.0
#include "outputs/figure_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "outputs/max_pool.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr double kMiddle = 0.36;  // from the middle of a line to its baseline, in font sizes

void draw_label(Figure& figure, double x, double y, const std::string& label, const LabelPlan& plan,
                TextStyle style) {
  style.size = plan.size;
  figure.fitted(x, y, label, plan.room, style);
}

/// The smallest of those that occur most often.
Rgb most_frequent(std::vector<Rgb> colors) {
  const auto number = [](Rgb color) { return color.red << 16 | color.green << 8 | color.blue; };
  std::sort(colors.begin(), colors.end(), [&](Rgb left, Rgb right) { return number(left) < number(right); });
  Rgb best;
  std::ptrdiff_t most = 0;
  for (auto first = colors.begin(); first != colors.end();) {
    const auto end = std::find_if(first, colors.end(), [&](Rgb color) { return !(color == *first); });
    if (end - first > most) {
      most = end - first;
      best = *first;
    }
    first = end;
  }
  return best;
}

}  // namespace

void check_matrix(const TensorView& weights, std::int64_t rows, std::int64_t columns) {
  check_shape(rows > 0 && columns > 0 && weights.shape() == Shape{rows, columns},
              "weights " + to_string(weights.shape()),
              fmt::format("{} rows and {} columns, as there are labels", rows, columns));
}

Tensor pooled(const TensorView& weights, std::int64_t most) {
  return max_pool(weights, std::min(weights.size(0), most), std::min(weights.size(1), most));
}

std::string pooling_note(const TensorView& weights, const Tensor& cells) {
  if (weights.shape() == cells.shape()) return "";
  return fmt::format(" Max-pooled from {} x {} to {} x {}.", weights.size(0), weights.size(1), cells.size(0),
                     cells.size(1));
}

void draw_cells(Figure& figure, const Box& box, const Tensor& cells, const FigureScale& scale) {
  const std::int64_t rows = cells.size(0);
  const std::int64_t columns = cells.size(1);
  std::vector<Rgb> colors;
  for (std::int64_t index = 0; index < cells.count(); ++index)
    colors.push_back(scale.color(static_cast<double>(cells.f32()[index])));
  const Rgb ground = most_frequent(colors);
  SvgWriter& svg = figure.svg();
  svg.open_group(fmt::format(
      "class=\"cells\" shape-rendering=\"crispEdges\" transform=\"translate({} {}) scale({:.5f} {:.5f})\"",
      svg_number(box.x), svg_number(box.y), box.width / static_cast<double>(columns),
      box.height / static_cast<double>(rows)));
  svg.cells(0, 0, columns, rows, ground);
  const Rgb* row_colors = colors.data();
  for (std::int64_t row = 0; row < rows; ++row, row_colors += columns) {
    for (std::int64_t column = 0; column < columns;) {
      std::int64_t end = column + 1;
      while (end < columns && row_colors[end] == row_colors[column]) ++end;
      if (row_colors[column] != ground) svg.cells(column, row, end - column, 1, row_colors[column]);
      column = end;
    }
  }
  svg.close_group();
  svg.frame(box, {figure.theme().faint, 0.4});
}

LabelPlan plan_labels(const std::vector<std::string>& labels, double pitch, double font, double most_room) {
  constexpr double kLine = 1.12;
  constexpr double kSmallest = 0.72;  // of the font
  LabelPlan plan;
  plan.size = std::clamp(pitch / kLine, kSmallest * font, font);
  plan.step =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(kLine * plan.size / pitch - 1e-6)));
  plan.room = std::min(widest(labels, plan.size), most_room);
  return plan;
}

void draw_row_labels(Figure& figure, const std::vector<std::string>& labels, const LabelPlan& plan,
                     double right, double top, double pitch) {
  for (std::size_t row = 0; row < labels.size(); row += static_cast<std::size_t>(plan.step))
    draw_label(figure, right, top + (static_cast<double>(row) + 0.5) * pitch + kMiddle * plan.size,
               labels[row], plan, figure.label(Anchor::end));
}

void draw_column_labels(Figure& figure, const std::vector<std::string>& labels, const LabelPlan& plan,
                        double left, double bottom, double pitch) {
  TextStyle style = figure.label();
  style.upwards = true;
  for (std::size_t column = 0; column < labels.size(); column += static_cast<std::size_t>(plan.step))
    draw_label(figure, left + (static_cast<double>(column) + 0.5) * pitch + kMiddle * plan.size, bottom,
               labels[column], plan, style);
}

}  // namespace attnscope
