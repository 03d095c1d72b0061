// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/outputs.h"
#include "outputs/display_width.h"
#include "outputs/text_cells.h"

namespace attnscope {

std::string wrap_text(std::string_view text, int columns, std::string_view head) {
  std::vector<TextCell> cells;
  append_cells(cells, text, 0);
  const int indent = display_width(head);
  std::string wrapped;
  for (const std::span<const TextCell> line : wrap_cells(cells, std::max(columns - indent, 1))) {
    wrapped += wrapped.empty() ? std::string(head) : std::string(static_cast<std::size_t>(indent), ' ');
    std::string shown;
    for (const TextCell& cell : line) shown += cell.text;
    wrapped += isolated(std::move(shown)) + '\n';
  }
  return wrapped;
}

}  // namespace attnscope
