// SPDX-License-Identifier: Apache-2.0
#include "outputs/max_pool.h"

#include <cmath>

namespace attnscope {
namespace {

float largest_of_block(const TensorView& block) {
  float largest = 0.0F;
  for (std::int64_t row = 0; row < block.size(0); ++row) {
    const float* values = block.f32() + row * block.strides()[0];
    for (std::int64_t column = 0; column < block.size(1); ++column) {
      const float value = values[column * block.strides()[1]];
      if (std::abs(value) > std::abs(largest)) largest = value;
    }
  }
  return largest;
}

}  // namespace

Tensor max_pool(const TensorView& weights, std::int64_t rows, std::int64_t columns) {
  Tensor pooled(Shape{rows, columns});
  float* out = pooled.mutable_view().f32();
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t top = bin_start(row, rows, weights.size(0));
    const TensorView band = weights.narrow(0, top, bin_start(row + 1, rows, weights.size(0)) - top);
    for (std::int64_t column = 0; column < columns; ++column) {
      const std::int64_t left = bin_start(column, columns, weights.size(1));
      const std::int64_t width = bin_start(column + 1, columns, weights.size(1)) - left;
      *out++ = largest_of_block(band.narrow(1, left, width));
    }
  }
  return pooled;
}

}  // namespace attnscope
