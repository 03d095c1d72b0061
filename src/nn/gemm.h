// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace attnscope::nn {

/// A matrix as it lies in memory, row by row: `stride` floats from one row to the next.
struct Matrix {
  const float* data = nullptr;
  std::int64_t stride = 0;
  bool transposed = false;  ///< read with rows and columns swapped
};

/// Sizes of a product: [m, k] [k, n] = [m, n].
struct GemmSize {
  std::int64_t m = 0;
  std::int64_t n = 0;
  std::int64_t k = 0;
};

/// output = scale a b, or added to what stands there. Sizes are those after transposing. Inside a parallel
/// region one thread works, outside of one all do.
void gemm(const GemmSize& size, const Matrix& a, const Matrix& b, float scale, float* output,
          std::int64_t output_stride, bool add = false) noexcept;

}  // namespace attnscope::nn
