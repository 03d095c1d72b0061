// SPDX-License-Identifier: Apache-2.0
#include "outputs/palette.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace attnscope {
namespace {

struct ControlPoint {
  int index;
  Rgb color;
};

// Straight lines between these points stay within 2 of 255 levels of the published tables.
constexpr ControlPoint kCividis[] = {{0, {0, 34, 78}},       {20, {0, 48, 112}},     {23, {1, 50, 113}},
                                     {30, {22, 55, 112}},    {45, {46, 65, 109}},    {92, {94, 98, 110}},
                                     {137, {133, 130, 121}}, {181, {176, 165, 113}}, {216, {213, 194, 94}},
                                     {242, {242, 218, 68}},  {252, {254, 228, 52}},  {255, {254, 232, 56}}};
constexpr ControlPoint kViridis[] = {{0, {68, 1, 84}},      {26, {72, 37, 118}},   {52, {64, 69, 136}},
                                     {92, {46, 111, 142}},  {136, {31, 152, 139}}, {153, {34, 168, 132}},
                                     {168, {50, 182, 122}}, {186, {82, 197, 105}}, {209, {134, 213, 73}},
                                     {238, {210, 226, 27}}, {246, {231, 228, 25}}, {255, {253, 231, 37}}};
constexpr ControlPoint kPaper[] = {{0, {255, 255, 255}}, {128, {138, 154, 190}}, {255, {8, 14, 38}}};
// Equal steps of lightness to both sides of white, which has two entries: the scale has no middle one.
constexpr ControlPoint kDifference[] = {
    {0, {110, 52, 0}},      {42, {186, 98, 10}},    {85, {243, 174, 94}},   {127, {255, 255, 255}},
    {128, {255, 255, 255}}, {170, {190, 178, 224}}, {213, {126, 102, 176}}, {255, {54, 16, 98}}};

constexpr std::uint8_t between(std::uint8_t from, std::uint8_t to, int step, int steps) {
  const int doubled = 2 * (from * (steps - step) + to * step) + steps;  // rounds to nearest
  return static_cast<std::uint8_t>(doubled / (2 * steps));
}

constexpr Rgb between(const ControlPoint& from, const ControlPoint& to, int index) {
  const int step = index - from.index;
  const int steps = to.index - from.index;
  return {between(from.color.red, to.color.red, step, steps),
          between(from.color.green, to.color.green, step, steps),
          between(from.color.blue, to.color.blue, step, steps)};
}

template <std::size_t count>
constexpr std::array<Rgb, 256> interpolate(const ControlPoint (&points)[count]) {
  std::array<Rgb, 256> colors{};
  for (std::size_t segment = 0; segment + 1 < count; ++segment) {
    for (int index = points[segment].index; index <= points[segment + 1].index; ++index) {
      colors[static_cast<std::size_t>(index)] = between(points[segment], points[segment + 1], index);
    }
  }
  return colors;
}

/// WCAG 2 relative luminance.
double luminance(Rgb color) {
  const auto linear = [](std::uint8_t level) {
    const double value = level / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

int distance(Rgb a, Rgb b) {
  const int red = a.red - b.red;
  const int green = a.green - b.green;
  const int blue = a.blue - b.blue;
  return red * red + green * green + blue * blue;
}

/// xterm's colours 16..255: a cube of 6 levels a channel, then 24 greys.
Rgb terminal_color(int number) {
  constexpr std::uint8_t kLevels[] = {0, 95, 135, 175, 215, 255};
  if (number >= 232) {
    const auto grey = static_cast<std::uint8_t>(8 + 10 * (number - 232));
    return {grey, grey, grey};
  }
  const int cube = number - 16;
  return {kLevels[cube / 36], kLevels[cube / 6 % 6], kLevels[cube % 6]};
}

std::size_t step_of(float fraction, std::size_t steps) {
  if (!(fraction > 0.0F)) return 0;
  return static_cast<std::size_t>(std::lround(std::min(fraction, 1.0F) * static_cast<float>(steps - 1)));
}

}  // namespace

Rgb Palette::at(float fraction) const { return colors[step_of(fraction, colors.size())]; }

Rgb Palette::terminal_at(float fraction) const {
  return terminal_color(terminal[step_of(fraction, terminal.size())]);
}

const Palette& cividis() {
  static constexpr Palette palette{"cividis", interpolate(kCividis), {17, 18, 60, 102, 144, 186, 227}};
  return palette;
}

const Palette& viridis() {
  static constexpr Palette palette{"viridis", interpolate(kViridis), {53, 24, 30, 36, 77, 149, 227}};
  return palette;
}

const Palette& paper() {
  static constexpr Palette palette{"paper", interpolate(kPaper), {231, 189, 146, 103, 60, 17, 16}};
  return palette;
}

const Palette& difference() {
  static constexpr Palette palette{"difference", interpolate(kDifference), {94, 136, 215, 231, 183, 98, 54}};
  return palette;
}

const std::array<CategoryMark, 4>& category_marks() {
  static constexpr std::array<CategoryMark, 4> marks = {
      {{'A', {0, 114, 178}, {86, 180, 233}, ""},
       {'B', {213, 94, 0}, {230, 159, 0}, "5 1.5"},
       {'C', {0, 158, 115}, {0, 158, 115}, "1.5 1.5"},
       {'D', {204, 121, 167}, {204, 121, 167}, "5 1.5 1.5 1.5"}}};
  return marks;
}

double contrast(Rgb one, Rgb other) {
  const double first = luminance(one) + 0.05;
  const double second = luminance(other) + 0.05;
  return std::max(first, second) / std::min(first, second);
}

Rgb readable_on(Rgb background) {
  // Where the contrast ratios with black and with white are equal: sqrt(1.05 * 0.05) - 0.05.
  constexpr double kEqualContrast = 0.179;
  return luminance(background) > kEqualContrast ? Rgb{0, 0, 0} : Rgb{255, 255, 255};
}

int nearest_terminal_color(Rgb color) {
  int best = 16;
  for (int number = 17; number < 256; ++number) {
    if (distance(terminal_color(number), color) < distance(terminal_color(best), color)) best = number;
  }
  return best;
}

}  // namespace attnscope
