// SPDX-License-Identifier: Apache-2.0
#include "nn/gemm.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace attnscope::nn {
namespace {

struct Memory {
  Memory(std::int64_t rows, std::int64_t columns, bool transposed, std::uint32_t seed)
      : stride((transposed ? rows : columns) + 3), is_transposed(transposed) {
    std::mt19937 engine(seed);
    values.resize(static_cast<std::size_t>((transposed ? columns : rows) * stride));
    for (float& value : values) value = static_cast<float>(engine() % 1000) / 500.0F - 1.0F;
  }
  [[nodiscard]] Matrix matrix() const { return {values.data(), stride, is_transposed}; }
  [[nodiscard]] double at(std::int64_t row, std::int64_t column) const {
    return double{
        values[static_cast<std::size_t>(is_transposed ? column * stride + row : row * stride + column)]};
  }

  std::int64_t stride;
  bool is_transposed;
  std::vector<float> values;
};

void expect_product(const GemmSize& size, bool a_transposed, bool b_transposed, bool add) {
  const Memory a(size.m, size.k, a_transposed, 1);
  const Memory b(size.k, size.n, b_transposed, 2);
  const std::int64_t stride = size.n + 2;
  std::vector<float> output(static_cast<std::size_t>(size.m * stride), 7.0F);
  gemm(size, a.matrix(), b.matrix(), 0.5F, output.data(), stride, add);
  for (std::int64_t row = 0; row < size.m; ++row)
    for (std::int64_t column = 0; column < stride; ++column) {
      double expected = column < size.n && !add ? 0.0 : 7.0;
      for (std::int64_t i = 0; column < size.n && i < size.k; ++i)
        expected += 0.5 * a.at(row, i) * b.at(i, column);
      ASSERT_NEAR(output[static_cast<std::size_t>(row * stride + column)], expected, 1e-4)
          << size.m << " " << size.n << " " << size.k << " at " << row << " " << column;
    }
}

TEST(Gemm, MultipliesMatricesAsTheyLieOrTransposed) {
  for (const GemmSize& size : {GemmSize{1, 1, 1}, {3, 5, 7}, {17, 1, 33}, {1, 20, 9}, {70, 64, 48}})
    for (const bool a : {false, true})
      for (const bool b : {false, true})
        for (const bool add : {false, true}) expect_product(size, a, b, add);
}

TEST(Gemm, OfNothingIsNothingOrZeros) {
  expect_product({0, 4, 3}, false, false, false);
  expect_product({4, 0, 3}, false, false, false);
  expect_product({4, 3, 0}, false, false, false);
  expect_product({4, 3, 0}, false, false, true);
}

}  // namespace
}  // namespace attnscope::nn
