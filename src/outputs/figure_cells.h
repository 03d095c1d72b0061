// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "outputs/figure_frame.h"

namespace attnscope {

/// Throws:  InvalidArgument (SHAPE) unless the weights are [rows, columns], both at least 1.
void check_matrix(const TensorView& weights, std::int64_t rows, std::int64_t columns);

/// The weights with at most `most` rows and columns, max-pooled where there are more.
/// Shapes:  weights [n, m].  Returns: [min(n, most), min(m, most)].
[[nodiscard]] Tensor pooled(const TensorView& weights, std::int64_t most);

/// "Max-pooled to 24 x 24." if `cells` is smaller than `weights`, else nothing.
[[nodiscard]] std::string pooling_note(const TensorView& weights, const Tensor& cells);

/// A ground of the most frequent colour, which hides the seams that viewers show between neighbours, and on
/// it a rectangle for each run of another colour, row by row; around it a thin frame. Shapes:  cells [n, m].
void draw_cells(Figure& figure, const Box& box, const Tensor& cells, const FigureScale& scale);

/// Labels along an axis of `count` cells: smaller where they would touch, then every step-th only.
struct LabelPlan {
  double size = 0;
  std::int64_t step = 1;
  double room = 0;  ///< the widest of the labels, at most as asked for
};
[[nodiscard]] LabelPlan plan_labels(const std::vector<std::string>& labels, double pitch, double font,
                                    double most_room);

/// Right-aligned labels that end at `right`, the first in the middle of the first cell below `top`.
void draw_row_labels(Figure& figure, const std::vector<std::string>& labels, const LabelPlan& plan,
                     double right, double top, double pitch);
/// Labels that are read upwards from `bottom`.
void draw_column_labels(Figure& figure, const std::vector<std::string>& labels, const LabelPlan& plan,
                        double left, double bottom, double pitch);

}  // namespace attnscope
