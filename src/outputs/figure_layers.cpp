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
  draw_cells(figure, {x, y + 1.5 * figure.small(), panels.size, panels.size}, cells, scale);
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
class LineChart {
 public:
  LineChart(Figure& figure, const Panels& panels, const std::vector<double>& values)
      : figure_(figure), values_(values) {
    const bool under_panels = panels.a_row == static_cast<std::int64_t>(values.size());
    pitch_ = under_panels ? panels.pitch : figure.width() / static_cast<double>(values.size());
    first_ = figure.left() + (under_panels ? panels.size : pitch_) / 2.0;
    for (const double value : values) {
      if (std::isnan(value)) continue;
      low_ = std::min(low_, value);
      high_ = std::max(high_, value);
    }
  }

  void draw(const std::string& name) {
    figure_.heading(name);
    top_ = figure_.y() + 1.3 * figure_.small();
    const double label_width = text_width("0.000", figure_.small()) + 0.3 * figure_.font();
    const auto every = static_cast<std::size_t>(std::ceil(label_width / pitch_));
    for (std::size_t layer = 1; layer < values_.size(); ++layer) {
      if (std::isnan(values_[layer - 1]) || std::isnan(values_[layer])) continue;
      figure_.svg().line(x(layer - 1), y(values_[layer - 1]), x(layer), y(values_[layer]),
                         {figure_.theme().accent, 0.8});
    }
    for (std::size_t layer = 0; layer < values_.size(); ++layer) {
      if (std::isnan(values_[layer])) continue;
      figure_.svg().circle(x(layer), y(values_[layer]), 0.24 * figure_.font(), figure_.theme().accent);
      if (layer % every == 0) draw_value(layer);
    }
    figure_.move_to(top_ + height() + 1.8 * figure_.font());
  }

 private:
  [[nodiscard]] double height() const { return 2.4 * figure_.font(); }
  [[nodiscard]] double x(std::size_t layer) const { return first_ + static_cast<double>(layer) * pitch_; }
  [[nodiscard]] double y(double value) const {
    return high_ > low_ ? top_ + (high_ - value) / (high_ - low_) * height() : top_ + height() / 2.0;
  }

  /// Above its dot, or below where the lines rise to both sides.
  void draw_value(std::size_t layer) {
    double others = 0;
    int count = 0;
    for (const std::size_t other : {layer - 1, layer + 1}) {
      if (other >= values_.size() || std::isnan(values_[other])) continue;
      others += values_[other];
      ++count;
    }
    const bool below = count > 0 && values_[layer] < others / count;
    const double shift = below ? 0.45 * figure_.font() + 0.72 * figure_.small() : -0.5 * figure_.font();
    figure_.svg().text(x(layer), y(values_[layer]) + shift, number_text(values_[layer]),
                       figure_.muted(Anchor::middle));
  }

  Figure& figure_;
  const std::vector<double>& values_;
  double pitch_ = 0;
  double first_ = 0;
  double top_ = 0;
  double low_ = INFINITY;
  double high_ = -INFINITY;
};

void draw_line(Figure& figure, const Panels& panels, const std::string& name,
               const std::vector<double>& values) {
  LineChart(figure, panels, values).draw(name);
  for (std::size_t layer = 0; layer < values.size(); ++layer) {
    if (!std::isnan(values[layer]))
      figure.describe(
          fmt::format("{}, layer {}: {}.", name, panels.layers[layer], number_text(values[layer])));
  }
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
