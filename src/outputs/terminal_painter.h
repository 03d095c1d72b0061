// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "attnscope/outputs.h"
#include "outputs/palette.h"

namespace attnscope {

/// Collects lines of text in which stretches have colours.
class TerminalPainter {
 public:
  explicit TerminalPainter(ColorMode mode) : mode_(mode) {}

  /// In the terminal's own colours.
  void plain(std::string_view text) { colored(text, std::nullopt, std::nullopt); }
  /// Absent colours are the terminal's own. Colours are left out in ColorMode::plain.
  void colored(std::string_view text, std::optional<Rgb> foreground, std::optional<Rgb> background);
  void end_line();
  void line(std::string_view text);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void set_colors(std::optional<Rgb> foreground, std::optional<Rgb> background);
  void append_color(int kind, Rgb color);

  ColorMode mode_;
  std::string text_;
  std::optional<Rgb> foreground_;
  std::optional<Rgb> background_;
};

inline constexpr std::string_view kUpperHalf = "\xE2\x96\x80";  // U+2580, two pixels a cell

}  // namespace attnscope
