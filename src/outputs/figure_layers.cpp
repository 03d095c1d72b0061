// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attnscope/figures.h"
#include "outputs/figure_cells.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMostCells = 64;

Tensor difference_of(const TensorView& lower, const TensorView& upper) {
  Tensor result = upper.own();
  const Tensor subtracted = lower.own();
  float* values = result.mutable_view().f32();
  for (std::int64_t index = 0; index < result.count(); ++index) values[index] -= subtracted.f32()[index];
  return result;
}

std::vector<TensorView> views_of(const std::vector<Tensor>& tensors) {
  std::vector<TensorView> views;
  for (const Tensor& tensor : tensors) views.push_back(tensor.view());
  return views;
}

/// The panels of all layers, in rows of equal panels.
struct Panels {
  std::vector<Tensor> means;
  std::vector<Tensor> changes;  ///< of each layer from the one before: one less
  std::vector<std::int64_t> layers;
  std::int64_t a_row = 0;
  double size = 0;
  double pitch = 0;

  [[nodiscard]] double x(const Figure& figure, std::int64_t layer) const {
    return figure.left() + static_cast<double>(layer % a_row) * pitch;
  }
};

Panels make_panels(const Figure& figure, const LayersPicture& picture) {
  const auto count = static_cast<std::int64_t>(picture.layers.size());
  const double gap = 0.8 * figure.font();
  Panels panels;
  panels.layers = picture.layers;
  const auto fitting = static_cast<std::int64_t>((figure.width() + gap) / (4.5 * figure.font() + gap));
  const std::int64_t rows = (count + fitting - 1) / std::max<std::int64_t>(fitting, 1);
  panels.a_row = (count + rows - 1) / rows;
  panels.pitch = std::min((figure.width() + gap) / static_cast<double>(panels.a_row), 16.0 * figure.font());
  panels.size = panels.pitch - gap;
  const auto most = std::clamp<std::int64_t>(static_cast<std::int64_t>(panels.size / 0.7), 4, kMostCells);
  for (std::int64_t layer = 0; layer < count; ++layer) {
    const TensorView mean = picture.means.view().select(0, layer);
    panels.means.push_back(pooled(mean, most));
    if (layer == 0) continue;
    const Tensor change = difference_of(picture.means.view().select(0, layer - 1), mean);
    panels.changes.push_back(pooled(change.view(), most));
  }
  return panels;
}

void draw_panel(Figure& figure, const Panels& panels, std::int64_t layer, double y, const std::string& name,
                const Tensor& cells, const FigureScale& scale) {
  const double x = panels.x(figure, layer);
  figure.svg().text(x + panels.size / 2.0, y + figure.small(), name, figure.muted(Anchor::middle));
  draw_cells(figure.svg(), {x, y + 1.5 * figure.small(), panels.size, panels.size}, cells, scale);
}

/// One row of layers, and below it what each changes.
void draw_row(Figure& figure, const Panels& panels, std::int64_t first, const FigureScale& scale,
              const FigureScale& signed_scale) {
  const auto count = static_cast<std::int64_t>(panels.layers.size());
  const double row_height = panels.size + 1.5 * figure.small() + 0.8 * figure.font();
  const double below = figure.y() + row_height;
  bool any_change = false;
  for (std::int64_t layer = first; layer < std::min(first + panels.a_row, count); ++layer) {
    const auto index = static_cast<std::size_t>(layer);
    draw_panel(figure, panels, layer, figure.y(), fmt::format("L{}", panels.layers[index]),
               panels.means[index], scale);
    if (layer == 0) continue;
    any_change = true;
    draw_panel(figure, panels, layer, below,
               fmt::format("L{} \xE2\x88\x92 L{}", panels.layers[index], panels.layers[index - 1]),
               panels.changes[index - 1], signed_scale);
  }
  figure.move_to((any_change ? below : figure.y()) + row_height + 0.3 * figure.font());
}

/// Numbers over the layers: dots with their values, joined where neighbours have one.
void draw_line(Figure& figure, const Panels& panels, const std::string& name,
               const std::vector<double>& values) {
  const double font = figure.font();
  const auto count = static_cast<std::int64_t>(values.size());
  const bool under_panels = panels.a_row == count;
  const double pitch = under_panels ? panels.pitch : figure.width() / static_cast<double>(count);
  const double first = figure.left() + (under_panels ? panels.size : pitch) / 2.0;
  double low = INFINITY;
  double high = -INFINITY;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  figure.heading(name);
  const double height = 2.4 * font;
  const double top = figure.y() + 1.3 * figure.small();
  const auto y = [&](double value) {
    return high > low ? top + (high - value) / (high - low) * height : top + height / 2.0;
  };
  const auto every =
      static_cast<std::int64_t>(std::ceil((text_width("0.000", figure.small()) + 0.3 * font) / pitch));
  double last_x = 0;
  double last_value = NAN;
  for (std::int64_t layer = 0; layer < count; ++layer) {
    const double value = values[static_cast<std::size_t>(layer)];
    const double x = first + static_cast<double>(layer) * pitch;
    if (!std::isnan(value) && !std::isnan(last_value))
      figure.svg().line(last_x, y(last_value), x, y(value), {figure.theme().accent, 0.8});
    last_x = x;
    last_value = value;
  }
  for (std::int64_t layer = 0; layer < count; ++layer) {
    const double value = values[static_cast<std::size_t>(layer)];
    if (std::isnan(value)) continue;
    const double x = first + static_cast<double>(layer) * pitch;
    figure.svg().circle(x, y(value), 0.24 * font, figure.theme().accent);
    if (layer % every == 0)
      figure.svg().text(x, y(value) - 0.5 * font, number_text(value), figure.muted(Anchor::middle));
    figure.describe(fmt::format("{}, layer {}: {}.", name, panels.layers[static_cast<std::size_t>(layer)],
                                number_text(value)));
  }
  figure.move_to(top + height + 1.1 * font);
}

}  // namespace

std::string layers_figure(const LayersPicture& picture, const FigureOptions& options) {
  const auto count = static_cast<std::int64_t>(picture.layers.size());
  check_shape(!picture.means.empty() && picture.means.rank() == 3 && count > 0 &&
                  picture.means.size(0) == count && picture.means.size(1) == picture.means.size(2) &&
                  picture.means.size(1) > 0,
              "means " + to_string(picture.means.shape()), fmt::format("[{}, n, n]", count));
  for (const auto& [name, values] : picture.lines)
    check_shape(values.size() == picture.layers.size(),
                fmt::format("{} numbers of \"{}\"", values.size(), name),
                fmt::format("{}, one a layer", count));
  Figure figure(options, "Attention of the layers");
  const Panels panels = make_panels(figure, picture);
  const FigureScale scale(options, views_of(panels.means), palette_of(options));
  const FigureScale signed_scale(options, views_of(panels.changes), palette_of(options), true);
  for (std::int64_t first = 0; first < count; first += panels.a_row)
    draw_row(figure, panels, first, scale, signed_scale);
  const std::string note = pooling_note(picture.means.view().select(0, 0), panels.means.front());
  figure.describe(
      fmt::format("A matrix of {} tokens for each of {} layers, and its change from layer to layer.",
                  picture.means.size(1), count));
  figure.color_bar(scale, fmt::format("{}, {}. Rows look at columns.{}",
                                      measure_of(options, "attention weight, mean over the heads"),
                                      scale.sentence(), note));
  if (!panels.changes.empty()) {
    figure.skip(0.5 * figure.font());
    figure.color_bar(signed_scale, fmt::format("Change from the layer before, {}.", signed_scale.sentence()));
  }
  figure.skip(0.8 * figure.font());
  for (const auto& [name, values] : picture.lines) draw_line(figure, panels, name, values);
  return figure.finish();
}

}  // namespace attnscope
