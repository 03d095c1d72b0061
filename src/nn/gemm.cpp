// SPDX-License-Identifier: Apache-2.0
#include "nn/gemm.h"

#include <oneapi/dnnl/dnnl.h>

namespace attnscope::nn {
namespace {

float element(const Matrix& matrix, std::int64_t row, std::int64_t column) {
  return matrix.data[matrix.transposed ? column * matrix.stride + row : row * matrix.stride + column];
}

// Needs no memory, as the library does to pack.
void plain_gemm(const GemmSize& size, const Matrix& a, const Matrix& b, float scale, float* output,
                std::int64_t output_stride, bool add) noexcept {
  for (std::int64_t row = 0; row < size.m; ++row)
    for (std::int64_t column = 0; column < size.n; ++column) {
      float sum = 0.0F;
      for (std::int64_t i = 0; i < size.k; ++i) sum += element(a, row, i) * element(b, i, column);
      float& target = output[row * output_stride + column];
      target = scale * sum + (add ? target : 0.0F);
    }
}

}  // namespace

void gemm(const GemmSize& size, const Matrix& a, const Matrix& b, float scale, float* output,
          std::int64_t output_stride, bool add) noexcept {
  if (size.m == 0 || size.n == 0) return;
  const bool done = size.k > 0 && dnnl_sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size.m,
                                             size.n, size.k, scale, a.data, a.stride, b.data, b.stride,
                                             add ? 1.0F : 0.0F, output, output_stride) == dnnl_success;
  if (!done) plain_gemm(size, a, b, scale, output, output_stride, add);
}

}  // namespace attnscope::nn
