// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "attnscope/figures.h"
#include "outputs/figure_frame.h"
#include "outputs/text_metrics.h"

namespace attnscope {
namespace {

/// Columns: names, dots, numbers, notes.
struct RankingLayout {
  double names = 0;  ///< width
  double left = 0;   ///< of the axis
  double right = 0;
  double numbers = 0;  ///< right end
  double notes = 0;    ///< left end
  double note_room = 0;
  double low = 0;
  double high = 1;

  [[nodiscard]] double x(double value) const {
    return high > low ? left + (value - low) / (high - low) * (right - left) : left;
  }
};

RankingLayout lay_out(const Figure& figure, const RankingPicture& picture) {
  const double font = figure.font();
  std::vector<std::string> numbers;
  RankingLayout layout;
  layout.high = 0;
  for (const double value : picture.values) {
    if (std::isnan(value)) continue;
    numbers.push_back(number_text(value));
    layout.low = std::min(layout.low, value);
    layout.high = std::max(layout.high, value);
  }
  layout.names = std::min(widest(picture.names, font), 0.25 * figure.width());
  layout.note_room = std::min(widest(picture.notes, figure.small()), 0.25 * figure.width());
  const double note_gap = layout.note_room > 0.0 ? font : 0.0;
  layout.notes = figure.right() - layout.note_room;
  layout.numbers = layout.notes - note_gap;
  layout.left = figure.left() + layout.names + 1.2 * font;
  layout.right = layout.numbers - widest(numbers, font) - 1.2 * font;
  return layout;
}

/// Lines at round values through all rows, with their numbers and the name of the axis below.
void draw_axis(Figure& figure, const RankingLayout& layout, const std::string& axis, double top,
               double bottom) {
  const double font = figure.font();
  for (const double value : round_steps(layout.low, layout.high, 4)) {
    const double x = layout.x(value);
    figure.svg().line(x, top, x, bottom, {figure.theme().faint, value == 0.0 ? 1.0 : 0.5});
    figure.svg().text(x, bottom + 0.4 * font + figure.small(), tick_text(value),
                      figure.muted(Anchor::middle));
  }
  figure.svg().text((layout.left + layout.right) / 2.0, bottom + 0.7 * font + 2.2 * figure.small(), axis,
                    figure.muted(Anchor::middle));
  figure.move_to(bottom + 0.7 * font + 2.6 * figure.small());
}

}  // namespace

std::string ranking_figure(const RankingPicture& picture, const FigureOptions& options) {
  const std::size_t rows = picture.names.size();
  check_shape(rows > 0 && picture.values.size() == rows,
              fmt::format("{} names and {} values", rows, picture.values.size()),
              "as many of both, at least one");
  check_shape(picture.notes.empty() || picture.notes.size() == rows,
              fmt::format("{} notes", picture.notes.size()), fmt::format("none or {}", rows));
  Figure figure(options, "Ranking");
  const double font = figure.font();
  const double pitch = 1.5 * font;
  const RankingLayout layout = lay_out(figure, picture);
  const double top = figure.y();
  draw_axis(figure, layout, picture.axis, top, top + static_cast<double>(rows) * pitch);
  figure.describe(fmt::format("{} rows with a dot on the axis \"{}\".", rows, picture.axis));
  for (std::size_t row = 0; row < rows; ++row) {
    const double middle = top + (static_cast<double>(row) + 0.5) * pitch;
    const double baseline = middle + 0.36 * font;
    const double value = picture.values[row];
    figure.fitted(figure.left(), baseline, picture.names[row], layout.names, figure.label());
    if (!picture.notes.empty())
      figure.fitted(layout.notes, baseline, picture.notes[row], layout.note_room, figure.muted());
    if (std::isnan(value)) continue;
    figure.svg().line(layout.x(0.0), middle, layout.x(value), middle, {figure.theme().faint, 0.8});
    figure.svg().circle(layout.x(value), middle, 0.3 * font, figure.theme().accent);
    figure.svg().text(layout.numbers, baseline, number_text(value), figure.label(Anchor::end));
    figure.describe(fmt::format("{} {}.", picture.names[row], number_text(value)));
  }
  return figure.finish();
}

}  // namespace attnscope
