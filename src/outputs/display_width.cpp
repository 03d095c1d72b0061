// SPDX-License-Identifier: Apache-2.0
#include "outputs/display_width.h"

#include <algorithm>
#include <iterator>

#include "attnscope/outputs.h"
#include "core/utf8.h"
#include "outputs/width_table.h"

namespace attnscope {
namespace {

template <std::size_t count>
bool contains(const CodeRange (&ranges)[count], char32_t scalar) {
  const auto* const after =
      std::upper_bound(std::begin(ranges), std::end(ranges), scalar,
                       [](char32_t value, const CodeRange& range) { return value < range.first; });
  return after != std::begin(ranges) && scalar <= std::prev(after)->last;
}

int cells_of(char32_t scalar) {
  if (scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0)) return 0;
  if (scalar < 0x300) return 1;
  if (contains(kZeroWidth, scalar)) return 0;
  return contains(kDoubleWidth, scalar) ? 2 : 1;
}

bool is_right_to_left(char32_t scalar) {
  return (scalar >= 0x590 && scalar <= 0x8FF) || (scalar >= 0xFB1D && scalar <= 0xFDFF) ||
         (scalar >= 0xFE70 && scalar <= 0xFEFC) || (scalar >= 0x10800 && scalar <= 0x10FFF) ||
         (scalar >= 0x1E800 && scalar <= 0x1EFFF);
}

struct Prefix {
  std::size_t size_bytes = 0;
  int cells = 0;
  bool right_to_left = false;
};

/// The longest part from the start that fits into `cells`.
Prefix fitting_prefix(std::string_view text, int cells) {
  Prefix prefix;
  while (prefix.size_bytes < text.size()) {
    const Utf8Char character = decode_utf8(text, prefix.size_bytes);
    const int width = character.length == 0 ? 1 : cells_of(character.scalar);
    if (prefix.cells + width > cells) break;
    prefix.cells += width;
    prefix.size_bytes += static_cast<std::size_t>(std::max(character.length, 1));
    prefix.right_to_left = prefix.right_to_left || is_right_to_left(character.scalar);
  }
  return prefix;
}

/// Keeps right-to-left letters from reordering what stands beside them.
std::string isolated(std::string text) { return "\xE2\x81\xA8" + std::move(text) + "\xE2\x81\xA9"; }

}  // namespace

int display_width(std::string_view text) {
  int cells = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    cells += character.length == 0 ? 1 : cells_of(character.scalar);
    at += static_cast<std::size_t>(std::max(character.length, 1));
  }
  return cells;
}

std::string fit_label(std::string_view text, int cells) {
  const std::string escaped = escape_for_terminal(text);
  const bool cut = display_width(escaped) > cells;
  const Prefix prefix = fitting_prefix(escaped, cut ? cells - 1 : cells);
  std::string label = escaped.substr(0, prefix.size_bytes);
  if (prefix.right_to_left) label = isolated(std::move(label));
  if (cut && cells > 0) label += "\xE2\x80\xA6";  // an ellipsis, one cell
  const int used = prefix.cells + (cut && cells > 0 ? 1 : 0);
  return label.append(static_cast<std::size_t>(std::max(cells - used, 0)), ' ');
}

bool runs_right_to_left(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    const char32_t scalar = character.scalar;
    if (is_right_to_left(scalar)) return true;
    const bool ascii_letter = (scalar | 0x20U) >= 'a' && (scalar | 0x20U) <= 'z';
    if (ascii_letter || (scalar >= 0xC0 && !(scalar >= 0x2000 && scalar < 0x2C00))) return false;
    at += static_cast<std::size_t>(std::max(character.length, 1));
  }
  return false;
}

}  // namespace attnscope
