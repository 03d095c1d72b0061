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

/// Thumbnails in equal squares, under the names of the heads and beside those of the layers.
struct Grid {
  std::vector<std::string> layer_names;
  std::vector<std::string> head_names;
  std::vector<Tensor> thumbnails;  ///< layer by layer
  double label_room = 0;
  double pitch = 0;  ///< from one thumbnail to the next
  double size = 0;   ///< of a thumbnail
};

Grid make_grid(const Figure& figure, const TensorView& weights, const std::vector<std::int64_t>& layers,
               const std::vector<std::int64_t>& heads) {
  const double font = figure.font();
  const auto columns = static_cast<std::int64_t>(heads.size());
  const auto count = static_cast<std::int64_t>(layers.size()) * columns;
  Grid grid{names_of("L", layers), names_of("H", heads), {}};
  grid.label_room = widest(grid.layer_names, font) + 0.6 * font;
  grid.pitch = std::min((figure.width() - grid.label_room) / static_cast<double>(columns), 16.0 * font);
  grid.size = 0.9 * grid.pitch;
  const std::int64_t most = cells_of_thumbnail(grid.size, count);
  for (std::int64_t index = 0; index < count; ++index)
    grid.thumbnails.push_back(pooled(weights.select(0, index / columns).select(0, index % columns), most));
  return grid;
}

/// Smaller where they would touch.
double size_of_head_names(const Grid& grid, double font) {
  const double width = widest(grid.head_names, font) + 0.5 * font;
  return width <= grid.pitch ? font : std::max(0.72 * font, font * grid.pitch / width);
}

void draw_grid(Figure& figure, const Grid& grid, const FigureScale& scale) {
  const double font = figure.font();
  const std::size_t columns = grid.head_names.size();
  TextStyle of_heads = figure.label(Anchor::middle);
  of_heads.size = size_of_head_names(grid, font);
  const double left = figure.left() + grid.label_room;
  const double top = figure.y() + of_heads.size + 0.5 * font;
  const auto x = [&](std::size_t column) { return left + static_cast<double>(column) * grid.pitch; };
  for (std::size_t column = 0; column < columns; ++column)
    figure.svg().text(x(column) + grid.size / 2.0, top - 0.5 * font, grid.head_names[column], of_heads);
  for (std::size_t row = 0; row < grid.layer_names.size(); ++row) {
    const double y = top + static_cast<double>(row) * grid.pitch;
    figure.svg().text(left - 0.6 * font, y + grid.size / 2.0 + 0.36 * font, grid.layer_names[row],
                      figure.label(Anchor::end));
    for (std::size_t column = 0; column < columns; ++column)
      draw_cells(figure, {x(column), y, grid.size, grid.size}, grid.thumbnails[row * columns + column],
                 scale);
  }
  figure.move_to(top + static_cast<double>(grid.layer_names.size()) * grid.pitch - (grid.pitch - grid.size) +
                 1.2 * font);
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
  const Grid grid = make_grid(figure, weights, layers, heads);
  std::vector<TensorView> drawn;
  for (const Tensor& thumbnail : grid.thumbnails) drawn.push_back(thumbnail.view());
  const FigureScale scale(options, drawn, palette_of(options));
  draw_grid(figure, grid, scale);
  figure.describe(fmt::format("Grid of {} layers (rows) and {} heads (columns), a matrix of {} tokens each.",
                              rows, columns, weights.size(2)));
  figure.color_bar(scale, fmt::format("{}, {}. In each matrix rows look at columns.{}",
                                      measure_of(options, "attention weight"), scale.sentence(),
                                      pooling_note(weights.select(0, 0).select(0, 0), grid.thumbnails[0])));
  return figure.finish();
}

}  // namespace attnscope
