// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attnscope/figures.h"
#include "outputs/figure_cells.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMostCells = 256;  // a side: less than 0.4 mm on a page

/// Lines between cells that are large enough for them.
void draw_gaps(Figure& figure, const Box& box, std::int64_t rows, std::int64_t columns) {
  const double pitch = box.width / static_cast<double>(columns);
  if (pitch < figure.font()) return;
  const LineStyle style{figure.theme().ground, 0.5};
  for (std::int64_t row = 1; row < rows; ++row) {
    const double y = box.y + static_cast<double>(row) * pitch;
    figure.svg().line(box.x, y, box.x + box.width, y, style);
  }
  for (std::int64_t column = 1; column < columns; ++column) {
    const double x = box.x + static_cast<double>(column) * pitch;
    figure.svg().line(x, box.y, x, box.y + box.height, style);
  }
}

/// The weights in the cells where there is room; what would read 0.00 is left to its colour.
void draw_numbers(Figure& figure, const Box& box, const Tensor& cells, const FigureScale& scale) {
  const double pitch = box.width / static_cast<double>(cells.size(1));
  const double size = 0.78 * figure.font();
  const char* const widest = scale.is_signed() ? "-0.00" : "0.00";
  if (pitch < text_width(widest, size) + 0.35 * figure.font()) return;
  for (std::int64_t row = 0; row < cells.size(0); ++row) {
    for (std::int64_t column = 0; column < cells.size(1); ++column) {
      const float weight = cells.at({row, column});
      if (std::abs(weight) < 0.005F || std::abs(weight) >= 99.0F) continue;
      const TextStyle style{size, readable_on(scale.color(static_cast<double>(weight))), Anchor::middle};
      figure.svg().text(box.x + (static_cast<double>(column) + 0.5) * pitch,
                        box.y + (static_cast<double>(row) + 0.5) * pitch + 0.36 * size,
                        fmt::format("{}{:.2f}", weight < 0.0F ? "\xE2\x88\x92" : "", std::abs(weight)),
                        style);
    }
  }
}

/// Where the largest weight stands, for the description.
std::string strongest(const TensorView& weights, const std::vector<std::string>& rows,
                      const std::vector<std::string>& columns) {
  std::int64_t best_row = 0;
  std::int64_t best_column = 0;
  for (std::int64_t row = 0; row < weights.size(0); ++row) {
    for (std::int64_t column = 0; column < weights.size(1); ++column) {
      if (std::abs(weights.at({row, column})) > std::abs(weights.at({best_row, best_column}))) {
        best_row = row;
        best_column = column;
      }
    }
  }
  return fmt::format("The largest is {}, from \"{}\" to \"{}\".",
                     number_text(static_cast<double>(weights.at({best_row, best_column}))),
                     rows[static_cast<std::size_t>(best_row)],
                     columns[static_cast<std::size_t>(best_column)]);
}

void draw_axis_names(Figure& figure, const Box& box) {
  const double x = box.x - 0.45 * figure.font();
  figure.svg().text(x, box.y - 0.45 * figure.font() - 1.15 * figure.small(), "to \xE2\x86\x92",
                    figure.muted(Anchor::end));
  figure.svg().text(x, box.y - 0.45 * figure.font(), "from \xE2\x86\x93", figure.muted(Anchor::end));
}

/// Labels and cells share the width.
struct MatrixPlan {
  LabelPlan rows;
  LabelPlan columns;
  double gap = 0;
  double pitch = 0;
  Box box;
};

MatrixPlan plan_matrix(const Figure& figure, const std::vector<std::string>& row_labels,
                       const std::vector<std::string>& column_labels) {
  const double font = figure.font();
  const auto columns = static_cast<double>(column_labels.size());
  const double most_room = std::min(12.0 * font, 0.3 * figure.width());
  MatrixPlan plan;
  plan.gap = 0.45 * font;
  plan.pitch = (figure.width() - most_room) / columns;
  double room = 0;
  for (int round = 0; round < 3; ++round) {
    plan.rows = plan_labels(row_labels, plan.pitch, font, most_room);
    room = std::max(plan.rows.room, text_width("from \xE2\x86\x93", figure.small())) + plan.gap;
    plan.pitch = std::min((figure.width() - room) / columns, 7.5 * font);
  }
  plan.columns = plan_labels(column_labels, plan.pitch, font, 12.0 * font);
  const double above = std::max(plan.columns.room, 2.2 * figure.small());
  plan.box = {figure.left() + room, figure.y() + above + plan.gap, plan.pitch * columns,
              plan.pitch * static_cast<double>(row_labels.size())};
  return plan;
}

}  // namespace

std::string matrix_figure(const TensorView& weights, const std::vector<std::string>& row_labels,
                          const std::vector<std::string>& column_labels, const FigureOptions& options) {
  const auto rows = static_cast<std::int64_t>(row_labels.size());
  const auto columns = static_cast<std::int64_t>(column_labels.size());
  check_matrix(weights, rows, columns);
  Figure figure(options, "Attention matrix");
  const FigureScale scale(options, {weights}, palette_of(options));
  const Tensor cells = pooled(weights, kMostCells);
  const MatrixPlan plan = plan_matrix(figure, row_labels, column_labels);
  const Box& box = plan.box;
  draw_cells(figure, box, cells, scale);
  if (cells.shape() == weights.shape()) {
    draw_gaps(figure, box, rows, columns);
    draw_numbers(figure, box, cells, scale);
  }
  draw_axis_names(figure, box);
  draw_row_labels(figure, row_labels, plan.rows, box.x - plan.gap, box.y, plan.pitch);
  draw_column_labels(figure, column_labels, plan.columns, box.x, box.y - plan.gap, plan.pitch);
  figure.move_to(box.y + box.height + 1.2 * figure.font());
  figure.describe(fmt::format("Matrix of {} rows (from) and {} columns (to). {}", rows, columns,
                              strongest(weights, row_labels, column_labels)));
  std::string meaning = fmt::format("{}, {}.", measure_of(options, "attention weight"), scale.sentence());
  const std::int64_t step = std::max(plan.rows.step, plan.columns.step);
  if (step > 1) meaning += fmt::format(" One token in {} is named.", step);
  figure.color_bar(scale, meaning + pooling_note(weights, cells));
  return figure.finish();
}

}  // namespace attnscope
