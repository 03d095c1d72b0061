// SPDX-License-Identifier: Apache-2.0
#include "outputs/color_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace attnscope {
namespace {

constexpr std::string_view kRamp = " .:-=+*#%@";
constexpr int kTicks = 5;
constexpr int kTickDistance = 9;
constexpr int kBarCells = (kTicks - 1) * kTickDistance + 1;

}  // namespace

ColorScale::ColorScale(const PictureOptions& options, float largest)
    : palette_(cividis()),
      maximum_(options.maximum > 0.0F ? options.maximum : largest),
      sqrt_scale_(options.sqrt_scale),
      mode_(options.color) {}

float ColorScale::fraction(float weight) const {
  if (!(maximum_ > 0.0F) || !(weight > 0.0F)) return 0.0F;
  const float part = std::min(weight / maximum_, 1.0F);
  return sqrt_scale_ ? std::sqrt(part) : part;
}

float ColorScale::weight_at(float fraction) const {
  return maximum_ * (sqrt_scale_ ? fraction * fraction : fraction);
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
  for (int cell = 0; cell < kBarCells; ++cell) {
    const float weight = weight_at(static_cast<float>(cell) / (kBarCells - 1));
    if (mode_ == ColorMode::plain) {
      painter.plain(std::string(1, ramp(weight)));
    } else {
      painter.colored(" ", std::nullopt, color(weight));
    }
  }
  painter.line(fmt::format("  {}{} scale", mode_ == ColorMode::plain ? "" : std::string(palette_.name) + ", ",
                           sqrt_scale_ ? "square-root" : "linear"));
  std::string ticks;
  for (int tick = 0; tick < kTicks; ++tick) {
    const float weight = weight_at(static_cast<float>(tick) / (kTicks - 1));
    ticks += fmt::format("{:<{}.3f}", weight, kTickDistance);
  }
  painter.line(ticks);
}

float largest_of(const TensorView& weights) {
  const Tensor copy = weights.is_contiguous() ? Tensor() : weights.own();
  const float* values = copy.empty() ? weights.f32() : copy.f32();
  float largest = 0.0F;
  for (std::int64_t index = 0; index < weights.count(); ++index) largest = std::max(largest, values[index]);
  return largest;
}

}  // namespace attnscope
