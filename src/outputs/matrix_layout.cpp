// SPDX-License-Identifier: Apache-2.0
#include "outputs/matrix_layout.h"

#include <algorithm>

namespace attnscope {
namespace {

constexpr int kMaxLabelWidth = 14;
constexpr int kColorNumberWidth = 6;  // "0.432 "
constexpr int kPlainNumberWidth = 7;  // "0.432# "
constexpr int kMaxBlockWidth = 5;
constexpr int kOtherLines = 11;  // title, legend, header, bar (2), the five strongest, the prompt

int digits_of(std::int64_t number) { return static_cast<int>(std::to_string(number).size()); }

int widest(const std::vector<std::string>& labels) {
  int width = 1;
  for (const std::string& label : labels) {
    width = std::max(width, display_width(escape_for_terminal(label)));
  }
  return std::min(width, kMaxLabelWidth);
}

/// The whole matrix in cells of one line each, as wide as there is room.
MatrixLayout in_lines(MatrixLayout layout, std::int64_t room, bool plain) {
  const int number_width = plain ? kPlainNumberWidth : kColorNumberWidth;
  layout.size = layout.tokens;
  if (layout.tokens * number_width <= room) {
    layout.kind = CellKind::number;
    layout.cell_width = number_width;
  } else {
    layout.kind = CellKind::block;
    layout.cell_width = static_cast<int>(std::min<std::int64_t>(room / layout.tokens, kMaxBlockWidth));
  }
  return layout;
}

}  // namespace

MatrixLayout lay_out_matrix(const std::vector<std::string>& labels, const PictureOptions& options) {
  MatrixLayout layout;
  layout.tokens = static_cast<std::int64_t>(labels.size());
  layout.index_width = digits_of(std::max<std::int64_t>(layout.tokens - 1, 0));
  layout.label_width = widest(labels);
  const bool plain = options.color == ColorMode::plain;
  const std::int64_t room = std::max(options.columns - layout.prefix_width(), 2);
  const std::int64_t lines = std::max(options.max_rows - kOtherLines, 1);
  if (layout.tokens <= lines && 2 * layout.tokens <= room) return in_lines(layout, room, plain);
  layout.kind = plain ? CellKind::block : CellKind::half;
  layout.cell_width = plain ? 2 : 1;  // both nearly square on the screen
  layout.size = std::min({layout.tokens, room / layout.cell_width, plain ? lines : 2 * lines});
  return layout;
}

}  // namespace attnscope
