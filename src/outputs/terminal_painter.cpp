// SPDX-License-Identifier: Apache-2.0
#include "outputs/terminal_painter.h"

#include <fmt/format.h>

namespace attnscope {
namespace {

// SGR parameters of ECMA-48 and xterm.
constexpr int kForeground = 38;
constexpr int kBackground = 48;

}  // namespace

void TerminalPainter::append_color(int kind, Rgb color) {
  if (mode_ == ColorMode::truecolor) {
    fmt::format_to(std::back_inserter(text_), "\x1b[{};2;{};{};{}m", kind, color.red, color.green,
                   color.blue);
  } else {
    fmt::format_to(std::back_inserter(text_), "\x1b[{};5;{}m", kind, nearest_terminal_color(color));
  }
}

void TerminalPainter::set_colors(std::optional<Rgb> foreground, std::optional<Rgb> background) {
  const bool drops = (foreground_ && !foreground) || (background_ && !background);
  if (drops) {
    text_ += "\x1b[0m";
    foreground_.reset();
    background_.reset();
  }
  if (foreground && foreground_ != foreground) append_color(kForeground, *foreground);
  if (background && background_ != background) append_color(kBackground, *background);
  foreground_ = foreground;
  background_ = background;
}

void TerminalPainter::colored(std::string_view text, std::optional<Rgb> foreground,
                              std::optional<Rgb> background) {
  if (mode_ != ColorMode::plain) set_colors(foreground, background);
  text_ += text;
}

void TerminalPainter::end_line() {
  plain("");
  while (text_.ends_with(' ')) text_.pop_back();
  text_ += '\n';
}

void TerminalPainter::line(std::string_view text) {
  plain(text);
  end_line();
}

}  // namespace attnscope
