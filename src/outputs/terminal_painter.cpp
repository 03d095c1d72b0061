// SPDX-License-Identifier: Apache-2.0
#include "outputs/terminal_painter.h"

#include <fmt/format.h>

namespace attnscope {
namespace {

// SGR parameters of ECMA-48 and xterm.
constexpr int kForeground = 38;
constexpr int kBackground = 48;
constexpr std::string_view kBoldUnderlined = "\x1b[1;4m";

}  // namespace

void TerminalPainter::append_color(int kind, Rgb color) {
  if (mode_ == ColorMode::truecolor) {
    fmt::format_to(std::back_inserter(text_), "\x1b[{};2;{};{};{}m", kind, color.red, color.green,
                   color.blue);
  } else {
    fmt::format_to(std::back_inserter(text_), "\x1b[{};5;{}m", kind, nearest_terminal_color(color));
  }
}

void TerminalPainter::set_style(const TextStyle& style) {
  const bool drops = (style_.foreground && !style.foreground) || (style_.background && !style.background) ||
                     (style_.strong && !style.strong);
  if (drops) {
    text_ += "\x1b[0m";
    style_ = {};
  }
  if (style.strong && !style_.strong) text_ += kBoldUnderlined;
  if (style.foreground && style_.foreground != style.foreground) append_color(kForeground, *style.foreground);
  if (style.background && style_.background != style.background) append_color(kBackground, *style.background);
  style_ = style;
}

void TerminalPainter::styled(std::string_view text, const TextStyle& style) {
  if (mode_ != ColorMode::plain) set_style(style);
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
