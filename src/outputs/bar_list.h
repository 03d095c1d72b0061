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

/// Names, bars from 0 on, and the numbers, one a line, in the box from `x` to `x + width` under a heading.
/// Returns: the y below.
double draw_bars(Figure& figure, double x, double width, const std::string& heading,
                 const std::vector<NamedNumber>& bars, Rgb fill);

}  // namespace attnscope
