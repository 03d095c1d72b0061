// SPDX-License-Identifier: Apache-2.0
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "numbers.h"

namespace attnscope::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// The most colours that the environment says there are.
ColorMode richest() {
  const std::string_view depth = environment("COLORTERM");
  const std::string_view forced = environment("FORCE_COLOR");
  if (forced == "3" || depth == "truecolor" || depth == "24bit") return ColorMode::truecolor;
  return ColorMode::colors256;
}

ColorMode automatic() {
  const std::string_view forced = environment("FORCE_COLOR");
  if (!environment("NO_COLOR").empty() || forced == "0") return ColorMode::plain;
  if (!forced.empty()) return richest();
  const std::string_view term = environment("TERM");
  if (::isatty(STDOUT_FILENO) == 0 || term.empty() || term == "dumb") return ColorMode::plain;
  return richest();
}

ColorMode color_mode(const ColorOptions& options) {
  const std::size_t choice = parse_choice("--color", options.color, {"auto", "always", "never"});
  if (options.plain || choice == 2) return ColorMode::plain;
  return choice == 1 ? richest() : automatic();
}

/// A number from the environment, else what the terminal says, else the usual.
int cells(const char* variable, unsigned short measured, int usual) {
  const int set = std::atoi(std::string(environment(variable)).c_str());
  const int found = measured > 0 ? measured : usual;
  return std::clamp(set > 0 ? set : found, 20, 1000);
}

}  // namespace

PictureOptions picture_options(const ColorOptions& options) {
  winsize size{};
  static_cast<void>(::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size));
  PictureOptions picture;
  picture.color = color_mode(options);
  picture.columns = cells("COLUMNS", size.ws_col, picture.columns);
  picture.max_rows = cells("LINES", size.ws_row, picture.max_rows);
  return picture;
}

}  // namespace attnscope::cli
