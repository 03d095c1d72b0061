// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attnscope/outputs.h"
#include "outputs/display_width.h"

namespace attnscope {
namespace {

using Entries = std::vector<std::pair<std::string, double>>;

constexpr int kGap = 2;
constexpr int kSmallestNameWidth = 4;
constexpr int kLargestBarWidth = 40;
// Lines, because blocks of neighbouring rows would run together.
constexpr std::string_view kLine = "\xE2\x94\x81";       // U+2501
constexpr std::string_view kLeftHalf = "\xE2\x95\xB8";   // U+2578
constexpr std::string_view kRightHalf = "\xE2\x95\xBA";  // U+257A
constexpr std::string_view kAxis = "\xE2\x94\x82";       // U+2502

struct BarsLayout {
  int name_width = kSmallestNameWidth;
  int bar_width = 1;
  int number_width = 5;
  bool is_signed = false;
  double largest = 0.0;
};

std::string number_text(double value, bool is_signed) {
  if (std::isnan(value)) return "-";
  return is_signed ? fmt::format("{:+.3f}", value) : fmt::format("{:.3f}", value);
}

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int index = 0; index < count; ++index) result += text;
  return result;
}

BarsLayout lay_out(const Entries& bars, const Entries& rest, int columns) {
  const auto is_negative = [](const auto& entry) { return entry.second < 0.0; };
  BarsLayout layout;
  layout.is_signed = std::any_of(bars.begin(), bars.end(), is_negative) ||
                     std::any_of(rest.begin(), rest.end(), is_negative);
  int widest = 1;
  for (const auto& [name, value] : bars) {
    widest = std::max(widest, display_width(escape_for_terminal(name)));
    if (!std::isnan(value)) layout.largest = std::max(layout.largest, std::abs(value));
  }
  for (const Entries* entries : {&bars, &rest}) {
    for (const auto& [name, value] : *entries) {
      const auto width = static_cast<int>(number_text(value, layout.is_signed).size());
      layout.number_width = std::max(layout.number_width, width);
    }
  }
  layout.name_width = std::min(widest, std::max(columns / 3, kSmallestNameWidth));
  const int room = columns - layout.name_width - layout.number_width - 2 * kGap;
  layout.bar_width = std::clamp(room, 1, kLargestBarWidth);
  return layout;
}

int half_cells(double value, const BarsLayout& layout, int cells) {
  if (std::isnan(value) || !(layout.largest > 0.0)) return 0;
  return static_cast<int>(std::lround(std::abs(value) / layout.largest * 2 * cells));
}

std::string padded(std::string text, int used, int width) {
  return text.append(static_cast<std::size_t>(std::max(width - used, 0)), ' ');
}

std::string to_the_right(int halves, int width) {
  const std::string bar = repeated(kLine, halves / 2) + repeated(kLeftHalf, halves % 2);
  return padded(bar, (halves + 1) / 2, width);
}

std::string to_the_left(int halves, int width) {
  const std::string blanks(static_cast<std::size_t>(std::max(width - (halves + 1) / 2, 0)), ' ');
  return blanks + repeated(kRightHalf, halves % 2) + repeated(kLine, halves / 2);
}

std::string bar_text(double value, const BarsLayout& layout) {
  if (!layout.is_signed) return to_the_right(half_cells(value, layout, layout.bar_width), layout.bar_width);
  const int side = (layout.bar_width - 1) / 2;
  const int halves = half_cells(value, layout, side);
  const bool negative = value < 0.0;
  const std::string bar = to_the_left(negative ? halves : 0, side) + std::string(kAxis) +
                          to_the_right(negative ? 0 : halves, side);
  return padded(bar, 2 * side + 1, layout.bar_width);
}

std::string facts(const Entries& bars, const Entries& rest, const BarsLayout& layout) {
  std::string text;
  for (const Entries* entries : {&bars, &rest}) {
    for (const auto& [name, value] : *entries) {
      text += isolated(escape_for_terminal(name)) + ' ' + number_text(value, layout.is_signed) + '\n';
    }
  }
  return text;
}

}  // namespace

std::string draw_bars(const Entries& bars, const Entries& rest, const PictureOptions& options) {
  const BarsLayout layout = lay_out(bars, rest, options.columns);
  if (options.color == ColorMode::plain) return facts(bars, rest, layout);
  const std::string gap(kGap, ' ');
  std::string text;
  for (const auto& [name, value] : bars) {
    text += fit_label(name, layout.name_width) + gap + bar_text(value, layout) + gap;
    text += fmt::format("{:>{}}\n", number_text(value, layout.is_signed), layout.number_width);
  }
  for (const auto& [name, value] : rest) {
    text += fit_label(name, layout.name_width + kGap + layout.bar_width) + gap;
    text += fmt::format("{:>{}}\n", number_text(value, layout.is_signed), layout.number_width);
  }
  return text;
}

}  // namespace attnscope
