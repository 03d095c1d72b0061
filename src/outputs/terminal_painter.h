// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "attnscope/outputs.h"
#include "outputs/palette.h"

namespace attnscope {

/// How a stretch of text looks. Absent colours are the terminal's own.
struct TextStyle {
  std::optional<Rgb> foreground;
  std::optional<Rgb> background;
  bool strong = false;  ///< bold and underlined
  [[nodiscard]] bool operator==(const TextStyle&) const = default;
};

/// Collects lines of text in which stretches have colours.
class TerminalPainter {
 public:
  explicit TerminalPainter(ColorMode mode) : mode_(mode) {}

  /// In the terminal's own colours.
  void plain(std::string_view text) { styled(text, {}); }
  void colored(std::string_view text, std::optional<Rgb> foreground, std::optional<Rgb> background) {
    styled(text, {foreground, background, false});
  }
  /// Styles are left out in ColorMode::plain.
  void styled(std::string_view text, const TextStyle& style);
  void end_line();
  void line(std::string_view text);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void set_style(const TextStyle& style);
  void append_color(int kind, Rgb color);

  ColorMode mode_;
  std::string text_;
  TextStyle style_;
};

inline constexpr std::string_view kUpperHalf = "\xE2\x96\x80";  // U+2580, two pixels a cell

}  // namespace attnscope
