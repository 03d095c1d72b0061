// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "attnscope/tensor.h"

namespace attnscope {

/// First index of bin `bin` when `count` items are spread over `bins` bins.
[[nodiscard]] constexpr std::int64_t bin_start(std::int64_t bin, std::int64_t bins, std::int64_t count) {
  return bin * count / bins;
}

/// The largest weight of each block, so that single sharp weights do not vanish; of differences the largest
/// by size, with its sign. Shapes: weights [m, n] with m >= rows, n >= columns.  Returns: [rows, columns].
[[nodiscard]] Tensor max_pool(const TensorView& weights, std::int64_t rows, std::int64_t columns);

}  // namespace attnscope
