// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attnscope/figures.h"
#include "outputs/figure_cells.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

/// As many cells as can be told apart in print and as keep the file small.
std::int64_t cells_of_thumbnail(double points, std::int64_t thumbnails) {
  constexpr double kSmallestCell = 0.7;  // points: a quarter of a millimetre
  constexpr double kMostCells = 48'000;  // in all thumbnails: 3 MB at most
  const double by_size = points / kSmallestCell;
  const double by_count = std::sqrt(kMostCells / static_cast<double>(thumbnails));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::min(by_size, by_count)), 4, 64);
}

std::vector<std::string> names_of(const char* letter, const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> names;
  for (const std::int64_t number : numbers) names.push_back(fmt::format("{}{}", letter, number));
  return names;
}

double widest(const std::vector<std::string>& names, double size) {
  double width = 0;
  for (const std::string& name : names) width = std::max(width, text_width(name, size));
  return width;
}

}  // namespace

std::string grid_figure(const TensorView& weights, const std::vector<std::int64_t>& layers,
                        const std::vector<std::int64_t>& heads, const FigureOptions& options) {
  const auto rows = static_cast<std::int64_t>(layers.size());
  const auto columns = static_cast<std::int64_t>(heads.size());
  check_shape(weights.rank() == 4 && weights.count() > 0 && weights.size(0) == rows &&
                  weights.size(1) == columns && weights.size(2) == weights.size(3),
              "weights " + to_string(weights.shape()), fmt::format("[{}, {}, n, n]", rows, columns));
  Figure figure(options, "Attention of layers and heads");
  const double font = figure.font();
  const std::vector<std::string> layer_names = names_of("L", layers);
  const std::vector<std::string> head_names = names_of("H", heads);
  const double label_room = widest(layer_names, font) + 0.6 * font;
  const double pitch = std::min((figure.width() - label_room) / static_cast<double>(columns), 16.0 * font);
  const double size = 0.9 * pitch;
  const std::int64_t most = cells_of_thumbnail(size, rows * columns);
  std::vector<Tensor> thumbnails;
  std::vector<TensorView> drawn;
  for (std::int64_t thumbnail = 0; thumbnail < rows * columns; ++thumbnail)
    thumbnails.push_back(pooled(weights.select(0, thumbnail / columns).select(0, thumbnail % columns), most));
  for (const Tensor& thumbnail : thumbnails) drawn.push_back(thumbnail.view());
  const FigureScale scale(options, drawn, palette_of(options));

  const bool fits = widest(head_names, font) <= pitch - 0.5 * font;
  const double head_size =
      fits ? font : std::max(0.72 * font, font * pitch / (widest(head_names, font) + 0.5 * font));
  const double left = figure.left() + label_room;
  const double top = figure.y() + head_size + 0.5 * font;
  for (std::int64_t column = 0; column < columns; ++column) {
    TextStyle style = figure.label(Anchor::middle);
    style.size = head_size;
    figure.svg().text(left + static_cast<double>(column) * pitch + size / 2.0, top - 0.5 * font,
                      head_names[static_cast<std::size_t>(column)], style);
  }
  for (std::int64_t row = 0; row < rows; ++row) {
    const double y = top + static_cast<double>(row) * pitch;
    figure.svg().text(left - 0.6 * font, y + size / 2.0 + 0.36 * font,
                      layer_names[static_cast<std::size_t>(row)], figure.label(Anchor::end));
    for (std::int64_t column = 0; column < columns; ++column)
      draw_cells(figure, {left + static_cast<double>(column) * pitch, y, size, size},
                 thumbnails[static_cast<std::size_t>(row * columns + column)], scale);
  }
  figure.move_to(top + static_cast<double>(rows) * pitch - (pitch - size) + 1.2 * font);
  figure.describe(fmt::format("Grid of {} layers (rows) and {} heads (columns), a matrix of {} tokens each.",
                              rows, columns, weights.size(2)));
  figure.color_bar(scale, fmt::format("{}, {}. In each matrix rows look at columns.{}",
                                      measure_of(options, "attention weight"), scale.sentence(),
                                      pooling_note(weights.select(0, 0).select(0, 0), thumbnails[0])));
  return figure.finish();
}

}  // namespace attnscope
