// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "attnscope/outputs.h"
#include "core/message.h"
#include "outputs/color_scale.h"
#include "outputs/display_width.h"
#include "outputs/matrix_layout.h"
#include "outputs/max_pool.h"

namespace attnscope {
namespace {

constexpr std::int64_t kStrongest = 5;

/// One picture in the making.
struct Drawing {
  const TensorView& weights;
  const std::vector<std::string>& labels;
  const PictureOptions& options;
  MatrixLayout layout;
  Tensor cells;  // [size, size]
  ColorScale scale;
  TerminalPainter painter;

  [[nodiscard]] bool plain() const { return options.color == ColorMode::plain; }
  [[nodiscard]] std::int64_t token(std::int64_t cell) const {
    return bin_start(cell, layout.size, layout.tokens);
  }
};

std::string named(const Drawing& drawing, std::int64_t token, int label_width) {
  return fmt::format("{:>{}} {}", token, drawing.layout.index_width,
                     fit_label(drawing.labels[static_cast<std::size_t>(token)], label_width));
}

std::string blanks(int count) { return std::string(static_cast<std::size_t>(std::max(count, 0)), ' '); }

/// The tokens themselves where cells are wide enough.
std::string label_header(const Drawing& drawing) {
  std::string header;
  for (const std::string& label : drawing.labels) {
    header += fit_label(label, drawing.layout.cell_width - 1) + ' ';
  }
  return header;
}

/// Numbers of tokens, as many as fit side by side.
std::string index_header(const Drawing& drawing) {
  const MatrixLayout& layout = drawing.layout;
  std::int64_t step = 1;
  for (const std::int64_t next : {2, 5, 10, 20, 50, 100, 200, 500}) {
    if (step * layout.cell_width > layout.index_width) break;
    step = next;
  }
  std::string header;
  for (std::int64_t cell = 0; cell < layout.size; cell += step) {
    header += fmt::format("{:<{}}", drawing.token(cell), step * layout.cell_width);
  }
  return header;
}

void draw_header(Drawing& drawing) {
  const bool labels = drawing.layout.kind == CellKind::number;
  drawing.painter.line(blanks(drawing.layout.prefix_width()) +
                       (labels ? label_header(drawing) : index_header(drawing)));
}

std::string cell_text(const Drawing& drawing, float weight) {
  const auto width = static_cast<std::size_t>(drawing.layout.cell_width);
  const char ramp = drawing.scale.ramp(weight);
  if (drawing.layout.kind == CellKind::block) return std::string(width, drawing.plain() ? ramp : ' ');
  return drawing.plain() ? fmt::format("{:.3f}{} ", weight, ramp) : fmt::format("{:.3f} ", weight);
}

void draw_cell(Drawing& drawing, float weight) {
  const Rgb color = drawing.scale.color(weight);
  drawing.painter.colored(cell_text(drawing, weight), readable_on(color), color);
}

void draw_prefix(Drawing& drawing, std::int64_t row) {
  drawing.painter.plain(named(drawing, drawing.token(row), drawing.layout.label_width) + ' ');
}

void draw_lines(Drawing& drawing) {
  for (std::int64_t row = 0; row < drawing.layout.size; ++row) {
    draw_prefix(drawing, row);
    for (std::int64_t column = 0; column < drawing.layout.size; ++column) {
      draw_cell(drawing, drawing.cells.at({row, column}));
    }
    drawing.painter.end_line();
  }
}

void draw_half_lines(Drawing& drawing) {
  const std::int64_t size = drawing.layout.size;
  for (std::int64_t row = 0; row < size; row += 2) {
    draw_prefix(drawing, row);
    for (std::int64_t column = 0; column < size; ++column) {
      const Rgb upper = drawing.scale.color(drawing.cells.at({row, column}));
      if (row + 1 < size) {
        const Rgb lower = drawing.scale.color(drawing.cells.at({row + 1, column}));
        drawing.painter.colored(kUpperHalf, upper, lower);
      } else {
        drawing.painter.colored(kUpperHalf, upper, std::nullopt);
      }
    }
    drawing.painter.end_line();
  }
}

/// Cells without figures are followed by the largest weights in figures.
void draw_strongest(Drawing& drawing) {
  const std::int64_t tokens = drawing.layout.tokens;
  std::vector<std::int64_t> order(static_cast<std::size_t>(tokens * tokens));
  std::iota(order.begin(), order.end(), 0);
  const auto weight = [&](std::int64_t index) {
    return drawing.weights.at({index / tokens, index % tokens});
  };
  const auto count = std::min(kStrongest, tokens * tokens);
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](std::int64_t a, std::int64_t b) { return weight(a) > weight(b); });
  for (std::int64_t rank = 0; rank < count; ++rank) {
    const std::int64_t index = order[static_cast<std::size_t>(rank)];
    drawing.painter.line(fmt::format("{:.3f}  {}  to  {}", weight(index),
                                     named(drawing, index / tokens, drawing.layout.label_width),
                                     named(drawing, index % tokens, drawing.layout.label_width)));
  }
}

std::string legend(const MatrixLayout& layout) {
  std::string text = "rows: from, columns: to";
  if (layout.pooled()) {
    const std::int64_t side = (layout.tokens + layout.size - 1) / layout.size;
    text += fmt::format("; {} tokens max-pooled, up to {} x {} a cell", layout.tokens, side, side);
  } else if (layout.kind == CellKind::half) {
    text += "; two rows a line";
  }
  return text;
}

void check_shapes(const TensorView& weights, const std::vector<std::string>& labels) {
  const auto tokens = static_cast<std::int64_t>(labels.size());
  if (weights.shape() == Shape{tokens, tokens} && tokens > 0) return;
  throw InvalidArgument(problem(ErrorKind::usage, "PICTURE_SHAPE", "draw_matrix")
                            .found("weights have shape {}, expected [{}, {}] for {} labels",
                                   to_string(weights.shape()), tokens, tokens, tokens));
}

}  // namespace

std::string draw_matrix(const TensorView& weights, const std::vector<std::string>& labels,
                        const std::string& title, const PictureOptions& options) {
  check_shapes(weights, labels);
  const MatrixLayout layout = lay_out_matrix(labels, options);
  Drawing drawing{weights,
                  labels,
                  options,
                  layout,
                  max_pool(weights, layout.size, layout.size),
                  ColorScale(options, largest_of(weights)),
                  TerminalPainter(options.color)};
  drawing.painter.line(escape_for_terminal(title));
  drawing.painter.line(legend(layout));
  draw_header(drawing);
  if (layout.kind == CellKind::half) {
    draw_half_lines(drawing);
  } else {
    draw_lines(drawing);
  }
  drawing.scale.draw_bar(drawing.painter);
  if (layout.kind != CellKind::number) draw_strongest(drawing);
  return drawing.painter.take();
}

}  // namespace attnscope
