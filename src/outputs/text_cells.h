// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// One character with its marks, as it stands on a terminal.
struct TextCell {
  std::string text;
  int width = 1;
  int style = 0;  ///< of the caller: neighbours of one style are one stretch
  bool blank = false;
  bool glued = false;  ///< no line begins with it
};

/// Adds the characters of a text, escaped; line breaks and tabs are blanks.
void append_cells(std::vector<TextCell>& cells, std::string_view text, int style);

/// The cells as lines of at most `columns`: broken at blanks, which are left out there, or beside a wide
/// character (East Asian text has no blanks), or inside a word that is longer than a line.
[[nodiscard]] std::vector<std::span<const TextCell>> wrap_cells(std::span<const TextCell> cells, int columns);

}  // namespace attnscope
