// SPDX-License-Identifier: Apache-2.0
#include "outputs/text_cells.h"

#include <algorithm>

#include "attnscope/outputs.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

using Cells = std::span<const TextCell>;

constexpr std::string_view kJoiner = "\xE2\x80\x8D";  // U+200D: what follows belongs to the same emoji

bool is_blank(std::string_view character) {
  return character == " " || character == "\t" || character == "\n" || character == "\r";
}

/// Marks and joined characters stay with what they belong to.
void append_cell(std::vector<TextCell>& cells, std::size_t start, TextCell cell) {
  const bool has_base = cells.size() > start && !cells.back().blank;
  if (has_base && (cell.width == 0 || cells.back().text.ends_with(kJoiner))) {
    cells.back().text += cell.text;
    cells.back().width += cell.width;
  } else {
    cells.push_back(std::move(cell));
  }
}

void append_escaped(std::vector<TextCell>& cells, std::string_view escaped, int style) {
  for (const char character : escaped) cells.push_back({std::string(1, character), 1, style});
}

bool may_break_between(const TextCell& left, const TextCell& right) {
  if (right.glued) return false;
  return right.blank || (!left.blank && (left.width > 1 || right.width > 1));
}

Cells without_blanks_at_the_start(Cells cells) {
  const auto* const found = std::find_if(cells.data(), cells.data() + cells.size(),
                                         [](const TextCell& cell) { return !cell.blank; });
  return cells.subspan(static_cast<std::size_t>(found - cells.data()));
}

Cells without_blanks_at_the_end(Cells cells) {
  while (!cells.empty() && cells.back().blank) cells = cells.first(cells.size() - 1);
  return cells;
}

/// How many cells the next line takes; blanks at its end may stand outside.
std::size_t cells_of_line(Cells cells, int columns) {
  std::size_t last_break = 0;
  int width = 0;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    if (at > 0 && may_break_between(cells[at - 1], cells[at])) last_break = at;
    width += cells[at].width;
    if (width > columns && !cells[at].blank) {
      return last_break > 0 ? last_break : std::max<std::size_t>(at, 1);
    }
  }
  return cells.size();
}

}  // namespace

void append_cells(std::vector<TextCell>& cells, std::string_view text, int style) {
  const std::size_t start = cells.size();
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    const auto length = static_cast<std::size_t>(std::max(character.length, 1));
    const std::string_view bytes = text.substr(at, length);
    const std::string shown = escape_for_terminal(bytes);
    if (is_blank(bytes)) {
      cells.push_back({" ", 1, style, true});
    } else if (shown != bytes) {
      append_escaped(cells, shown, style);
    } else {
      append_cell(cells, start, {shown, display_width(shown), style});
    }
    at += length;
  }
}

std::vector<std::span<const TextCell>> wrap_cells(std::span<const TextCell> cells, int columns) {
  std::vector<Cells> lines;
  for (Cells rest = without_blanks_at_the_start(cells); !rest.empty();) {
    const std::size_t count = cells_of_line(rest, columns);
    lines.push_back(without_blanks_at_the_end(rest.first(count)));
    rest = without_blanks_at_the_start(rest.subspan(count));
  }
  return lines;
}

}  // namespace attnscope
