// SPDX-License-Identifier: Apache-2.0
#include "outputs/color_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace attnscope {
namespace {

constexpr std::string_view kRamp = " .:-=+*#%@";
/// Ticks under the bar; the last one's figures stand beyond its end.
struct BarLayout {
  int ticks;
  int distance;
  [[nodiscard]] int cells() const { return (ticks - 1) * distance + 1; }
};

BarLayout lay_out_bar(int columns) {
  constexpr int kWideEnough = 42;
  return columns < kWideEnough ? BarLayout{3, 7} : BarLayout{5, 9};
}

}  // namespace

ColorScale::ColorScale(const PictureOptions& options, float largest, ScaleStart start)
    : palette_(start == ScaleStart::zero ? cividis() : difference()),
      maximum_(options.maximum > 0.0F ? options.maximum : largest),
      sqrt_scale_(options.sqrt_scale),
      signed_(start == ScaleStart::minus_top),
      columns_(options.columns),
      mode_(options.color) {}

float ColorScale::fraction(float weight) const {
  const float size = signed_ ? std::abs(weight) : weight;
  if (!(maximum_ > 0.0F) || !(size > 0.0F)) return signed_ ? 0.5F : 0.0F;
  const float part = std::min(size / maximum_, 1.0F);
  const float shown = sqrt_scale_ ? std::sqrt(part) : part;
  return signed_ ? 0.5F + std::copysign(0.5F * shown, weight) : shown;
}

float ColorScale::weight_at(float fraction) const {
  const float shown = signed_ ? 2.0F * fraction - 1.0F : fraction;
  return maximum_ * (sqrt_scale_ ? shown * std::abs(shown) : shown);
}

Rgb ColorScale::color(float weight) const {
  const float part = fraction(weight);
  return mode_ == ColorMode::colors256 ? palette_.terminal_at(part) : palette_.at(part);
}

char ColorScale::ramp(float weight) const {
  const auto steps = static_cast<float>(kRamp.size() - 1);
  return kRamp[static_cast<std::size_t>(std::lround(fraction(weight) * steps))];
}

void ColorScale::draw_bar(TerminalPainter& painter) const {
  const BarLayout layout = lay_out_bar(columns_);
  for (int cell = 0; cell < layout.cells(); ++cell) {
    const float weight = weight_at(static_cast<float>(cell) / static_cast<float>(layout.cells() - 1));
    if (mode_ == ColorMode::plain) {
      painter.plain(std::string(1, ramp(weight)));
    } else {
      painter.colored(" ", std::nullopt, color(weight));
    }
  }
  const std::string name =
      fmt::format("{}{} scale", mode_ == ColorMode::plain ? "" : std::string(palette_.name) + ", ",
                  sqrt_scale_ ? "square-root" : "linear");
  const bool beside = layout.cells() + 2 + static_cast<int>(name.size()) <= columns_;
  painter.line((beside ? "  " : "\n") + name);
  std::string ticks;
  for (int tick = 0; tick < layout.ticks; ++tick) ticks += tick_text(tick, layout.ticks, layout.distance);
  painter.line(ticks);
}

std::string ColorScale::tick_text(int tick, int ticks, int width) const {
  const float weight = weight_at(static_cast<float>(tick) / static_cast<float>(ticks - 1));
  if (signed_ && 2 * tick != ticks - 1) return fmt::format("{:<+{}.3f}", weight, width);
  return fmt::format("{:<{}.3f}", weight, width);
}

float largest_of(const TensorView& weights) {
  const Tensor copy = weights.is_contiguous() ? Tensor() : weights.own();
  const float* values = copy.empty() ? weights.f32() : copy.f32();
  float largest = 0.0F;
  for (std::int64_t index = 0; index < weights.count(); ++index) largest = std::max(largest, values[index]);
  return largest;
}

}  // namespace attnscope
