// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "gradients/layer_backward.h"
#include "nn/gemm.h"

namespace attnscope {
namespace {

// Blocks of the result, each made by one thread, so that bits do not depend on how many there are.
constexpr std::int64_t kBlockRows = 128;
constexpr std::int64_t kBlockColumns = 128;

void multiply(const Tensor& weight, const float* output_gradient, std::int64_t rows, float* input_gradient,
              Poll& poll) {
  const std::int64_t out = weight.size(0);
  const std::int64_t in = weight.size(1);
  const std::int64_t row_blocks = (rows + kBlockRows - 1) / kBlockRows;
  const std::int64_t column_blocks = (in + kBlockColumns - 1) / kBlockColumns;
  ParallelPoll parallel_poll(poll);
#pragma omp parallel for schedule(dynamic, 1)
  for (std::int64_t block = 0; block < row_blocks * column_blocks; ++block) {
    if (!parallel_poll.go_on()) continue;
    const std::int64_t row = block / column_blocks * kBlockRows;
    const std::int64_t column = block % column_blocks * kBlockColumns;
    const nn::GemmSize size{std::min(kBlockRows, rows - row), std::min(kBlockColumns, in - column), out};
    nn::gemm(size, {output_gradient + row * out, out}, {weight.f32() + column, in}, 1.0F,
             input_gradient + row * in + column, in);
  }
  parallel_poll.rethrow();
}

std::vector<std::int64_t> rows_with_gradient(const float* gradient, std::int64_t rows, std::int64_t width) {
  std::vector<std::int64_t> found;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* values = gradient + row * width;
    if (std::any_of(values, values + width, [](float value) { return value != 0.0F; })) found.push_back(row);
  }
  return found;
}

}  // namespace

void linear_backward(const Tensor& weight, const float* output_gradient, std::int64_t rows,
                     float* input_gradient, Poll& poll) {
  const std::int64_t out = weight.size(0);
  const std::int64_t in = weight.size(1);
  const std::vector<std::int64_t> some = rows_with_gradient(output_gradient, rows, out);
  const auto count = static_cast<std::int64_t>(some.size());
  if (count == rows) return multiply(weight, output_gradient, rows, input_gradient, poll);
  std::vector<float> dense(static_cast<std::size_t>(count * out));
  std::vector<float> result(static_cast<std::size_t>(count * in));
  for (std::int64_t i = 0; i < count; ++i)
    std::copy_n(output_gradient + some[static_cast<std::size_t>(i)] * out, out, dense.data() + i * out);
  multiply(weight, dense.data(), count, result.data(), poll);
  std::fill_n(input_gradient, rows * in, 0.0F);
  for (std::int64_t i = 0; i < count; ++i)
    std::copy_n(result.data() + i * in, in, input_gradient + some[static_cast<std::size_t>(i)] * in);
}

}  // namespace attnscope
