// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "attnscope/outputs.h"

namespace attnscope {

/// Lines of a picture without escape sequences.
inline std::vector<std::string> lines_of(const std::string& picture) {
  std::vector<std::string> lines(1);
  bool in_escape = false;
  for (const char character : picture) {
    if (character == '\x1b') in_escape = true;
    if (!in_escape && character != '\n') lines.back() += character;
    if (character == '\n') lines.emplace_back();
    if (in_escape && character == 'm') in_escape = false;
  }
  lines.pop_back();  // every line ends in a newline
  return lines;
}

inline int width_of(const std::vector<std::string>& lines) {
  int width = 0;
  for (const std::string& line : lines) width = std::max(width, display_width(line));
  return width;
}

}  // namespace attnscope
