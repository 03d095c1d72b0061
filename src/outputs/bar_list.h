// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "outputs/figure_frame.h"

namespace attnscope {

struct NamedNumber {
  std::string name;
  double value = 0;
};

struct BarList {
  std::string heading;
  std::vector<NamedNumber> bars;
  Rgb fill;
};

/// Width of the longest name.
[[nodiscard]] double names_width(const Figure& figure, const BarList& list);

/// Names in a column of `names`, bars from 0 on, and the numbers, one a line, from `x` to `x + width`.
/// Returns: the y below.
double draw_bars(Figure& figure, double x, double width, double names, const BarList& list);

}  // namespace attnscope
