// SPDX-License-Identifier: Apache-2.0
#include "outputs/bar_list.h"

#include <algorithm>
#include <cmath>

#include "outputs/text_metrics.h"

namespace attnscope {

double names_width(const Figure& figure, const BarList& list) {
  double width = 0;
  for (const NamedNumber& bar : list.bars)
    width = std::max(width, text_width(safe_text(bar.name), figure.font()));
  return width;
}

double draw_bars(Figure& figure, double x, double width, double names, const BarList& list) {
  const double font = figure.font();
  const double gap = 0.8 * font;
  double numbers = 0;
  double largest = 0;
  bool any_negative = false;
  for (const NamedNumber& bar : list.bars) {
    numbers = std::max(numbers, text_width(number_text(bar.value), font));
    largest = std::max(largest, std::abs(bar.value));
    any_negative = any_negative || bar.value < 0.0;
  }
  names = std::min(names, 0.42 * width);
  const double room = width - names - numbers - 2.0 * gap;
  const double zero = x + names + gap + (any_negative ? room / 2.0 : 0.0);
  const double unit = largest > 0.0 ? room / (any_negative ? 2.0 : 1.0) / largest : 0.0;
  TextStyle title = figure.muted();
  title.bold = true;
  double y = figure.y() + title.size;
  figure.svg().text(x, y, list.heading, title);
  y += 0.5 * font;
  for (const NamedNumber& bar : list.bars) {
    const double baseline = y + 1.0 * font;
    figure.fitted(x, baseline, bar.name, names, figure.label());
    const double length = std::abs(bar.value) * unit;
    figure.svg().rect({bar.value < 0.0 ? zero - length : zero, baseline - 0.64 * font, length, 0.56 * font},
                      list.fill);
    figure.svg().text(x + width, baseline, number_text(bar.value), figure.label(Anchor::end));
    y += 1.5 * font;
  }
  return y + 0.3 * font;
}

}  // namespace attnscope
