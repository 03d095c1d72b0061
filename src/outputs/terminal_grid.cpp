// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "attnscope/outputs.h"
#include "core/message.h"
#include "outputs/color_scale.h"
#include "outputs/max_pool.h"

namespace attnscope {
namespace {

constexpr int kLabelWidth = 4;  // "L11 "
constexpr int kOtherLines = 5;  // title, heads, bar, prompt
constexpr int kLargestSide = 15;
constexpr int kNumberWidth = 6;  // "0.432 "

/// A thumbnail is `side` x `side` pixels (an odd number) with a gap of one pixel to the right and below.
struct GridLayout {
  int side = 1;
  std::int64_t heads = 0;  // that fit
  [[nodiscard]] int width() const { return side + 1; }
  [[nodiscard]] int lines() const { return (side + 1) / 2; }
};

struct Drawing {
  const TensorView& weights;  // [layers, heads, n, n]
  const std::vector<std::int64_t>& layers;
  const std::vector<std::int64_t>& heads;
  GridLayout layout;
  ColorMode mode;
  ColorScale scale;
  TerminalPainter painter;
};

bool fits(int side, std::int64_t layers, std::int64_t heads, const PictureOptions& options) {
  return kLabelWidth + heads * (side + 1) <= options.columns &&
         layers * ((side + 1) / 2) + kOtherLines <= options.max_rows;
}

GridLayout lay_out_grid(const TensorView& weights, const PictureOptions& options) {
  GridLayout layout;
  const std::int64_t tokens = weights.size(2);
  for (int side = 3; side <= kLargestSide && side <= tokens + 1; side += 2) {
    if (fits(side, weights.size(0), weights.size(1), options)) layout.side = side;
  }
  const std::int64_t room = std::max<std::int64_t>((options.columns - kLabelWidth) / layout.width(), 1);
  layout.heads = std::min(weights.size(1), room);
  return layout;
}

std::string layer_label(const Drawing& drawing, std::size_t layer, int line) {
  return line == 0 ? fmt::format("L{:<{}}", drawing.layers[layer], kLabelWidth - 1)
                   : std::string(kLabelWidth, ' ');
}

void draw_heads(Drawing& drawing, int cell_width) {
  std::string text = fmt::format("{:<{}}", "H", kLabelWidth);
  const int digits =
      static_cast<int>(std::to_string(*std::max_element(drawing.heads.begin(), drawing.heads.end())).size());
  const std::int64_t step = digits < cell_width ? 1 : 2;
  for (std::int64_t head = 0; head < drawing.layout.heads; head += step) {
    text += fmt::format("{:<{}}", drawing.heads[static_cast<std::size_t>(head)], cell_width * step);
  }
  drawing.painter.line(text);
}

/// One line of one thumbnail in colour: two rows of pixels.
void draw_colored(Drawing& drawing, const Tensor& pixels, std::int64_t line) {
  const std::int64_t upper = 2 * line;
  for (std::int64_t column = 0; column < drawing.layout.width(); ++column) {
    if (upper >= pixels.size(0) || column >= pixels.size(1)) {
      drawing.painter.plain(" ");
      continue;
    }
    const Rgb top = drawing.scale.color(pixels.at({upper, column}));
    const bool has_lower = upper + 1 < pixels.size(0);
    const std::optional<Rgb> below =
        has_lower ? std::optional(drawing.scale.color(pixels.at({upper + 1, column}))) : std::nullopt;
    drawing.painter.colored(kUpperHalf, top, below);
  }
}

void draw_ramp(Drawing& drawing, const Tensor& pixels, std::int64_t line) {
  std::string text;
  for (std::int64_t column = 0; line < pixels.size(0) && column < pixels.size(1); ++column) {
    text += drawing.scale.ramp(pixels.at({line, column}));
  }
  drawing.painter.plain(fmt::format("{:<{}}", text, drawing.layout.width()));
}

/// In colour pixels are half a line high; a character of the ramp takes the whole line.
Tensor thumbnail(const Drawing& drawing, std::int64_t layer, std::int64_t head) {
  const TensorView weights = drawing.weights.select(0, layer).select(0, head);
  const std::int64_t columns = std::min<std::int64_t>(drawing.layout.side, weights.size(1));
  const std::int64_t rows = drawing.mode == ColorMode::plain ? drawing.layout.lines() : drawing.layout.side;
  return max_pool(weights, std::min(rows, weights.size(0)), columns);
}

void draw_layer(Drawing& drawing, std::size_t layer) {
  std::vector<Tensor> thumbnails;
  for (std::int64_t head = 0; head < drawing.layout.heads; ++head) {
    thumbnails.push_back(thumbnail(drawing, static_cast<std::int64_t>(layer), head));
  }
  for (int line = 0; line < drawing.layout.lines(); ++line) {
    drawing.painter.plain(layer_label(drawing, layer, line));
    for (const Tensor& pixels : thumbnails) {
      if (drawing.mode == ColorMode::plain) {
        draw_ramp(drawing, pixels, line);
      } else {
        draw_colored(drawing, pixels, line);
      }
    }
    drawing.painter.end_line();
  }
}

/// The plain picture also says the largest weight of each head in figures.
void draw_numbers(Drawing& drawing, int columns) {
  drawing.painter.line("largest weight of each head:");
  drawing.layout.heads = std::min<std::int64_t>(drawing.layout.heads, (columns - kLabelWidth) / kNumberWidth);
  draw_heads(drawing, kNumberWidth);
  for (std::size_t layer = 0; layer < drawing.layers.size(); ++layer) {
    std::string text = layer_label(drawing, layer, 0);
    for (std::int64_t head = 0; head < drawing.layout.heads; ++head) {
      const TensorView one = drawing.weights.select(0, static_cast<std::int64_t>(layer)).select(0, head);
      text += fmt::format("{:.3f} ", largest_of(one));
    }
    drawing.painter.line(text);
  }
}

std::string legend(const Drawing& drawing) {
  const std::int64_t tokens = drawing.weights.size(2);
  std::string text = fmt::format("{} layers (L) x {} heads (H)", drawing.layers.size(), drawing.heads.size());
  if (drawing.layout.heads < static_cast<std::int64_t>(drawing.heads.size())) {
    text += fmt::format(", the first {} shown", drawing.layout.heads);
  }
  if (drawing.layout.side < tokens) text += fmt::format("; {} tokens max-pooled", tokens);
  return text;
}

void check_shapes(const TensorView& weights, std::size_t layers, std::size_t heads) {
  const bool agree = weights.rank() == 4 && weights.size(0) == static_cast<std::int64_t>(layers) &&
                     weights.size(1) == static_cast<std::int64_t>(heads) &&
                     weights.size(2) == weights.size(3) && weights.count() > 0;
  if (agree) return;
  throw InvalidArgument(problem(ErrorKind::usage, "PICTURE_SHAPE", "draw_grid")
                            .found("weights have shape {}, expected [{}, {}, n, n]",
                                   to_string(weights.shape()), layers, heads));
}

}  // namespace

std::string draw_grid(const TensorView& weights, const std::vector<std::int64_t>& layers,
                      const std::vector<std::int64_t>& heads, const std::string& title,
                      const PictureOptions& options) {
  check_shapes(weights, layers.size(), heads.size());
  Drawing drawing{weights,
                  layers,
                  heads,
                  lay_out_grid(weights, options),
                  options.color,
                  ColorScale(options, largest_of(weights)),
                  TerminalPainter(options.color)};
  drawing.painter.line(escape_for_terminal(title) + ": " + legend(drawing));
  draw_heads(drawing, drawing.layout.width());
  for (std::size_t layer = 0; layer < layers.size(); ++layer) draw_layer(drawing, layer);
  drawing.scale.draw_bar(drawing.painter);
  if (options.color == ColorMode::plain) draw_numbers(drawing, options.columns);
  return drawing.painter.take();
}

}  // namespace attnscope
