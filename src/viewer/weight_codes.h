// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/tensor.h"

/// Smaller forms of attention weights. All take F32 with contiguous rows; NaN counts as 0.
namespace attnscope {

/// round(255 sqrt(w)) of each weight, at most 255.
/// Shapes:  weights contiguous.
[[nodiscard]] std::vector<std::uint8_t> square_root_bytes(const TensorView& weights);

/// The largest weights of each row, the largest first and of equal ones the first, as round(10000 w).
struct TopWeights {
  std::vector<std::uint16_t> keys;     // [..., n, k]
  std::vector<std::uint16_t> weights;  // [..., n, k]
};
/// Shapes:  weights [..., n, n] contiguous; k at most n.
[[nodiscard]] TopWeights top_weights(const TensorView& weights, std::int64_t k);

/// The largest weight of each cell: element i of n lies in cell floor(i size / n).
/// Shapes:  weights [..., n, n] contiguous.  Returns: [..., size, size].
[[nodiscard]] Tensor pool_to(const TensorView& weights, std::int64_t size);

}  // namespace attnscope
