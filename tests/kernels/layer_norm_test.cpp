// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/kernels.h"
#include "kernels/random_floats.h"

namespace attnscope::kernels {
namespace {

constexpr std::int64_t kRows = 5;

struct Case {
  explicit Case(std::int64_t width, float offset = 0.0F)
      : input(test::random_floats(kRows * width, 1)),
        residual(test::random_floats(kRows * width, 2)),
        weight(test::random_floats(width, 3)),
        bias(test::random_floats(width, 4)),
        norm{input.data(), nullptr, weight.data(), bias.data(), 1e-12F, width} {
    for (float& x : input) x += offset;
  }
  std::vector<float> run(decltype(layer_norm)* kernel, std::int64_t first = 0,
                         std::int64_t last = kRows) const {
    std::vector<float> output(input.size(), -1.0F);
    kernel(norm, first, last, output.data());
    return output;
  }
  std::vector<float> input, residual, weight, bias;
  LayerNorm norm;
};

float max_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float difference = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) difference = std::max(difference, std::abs(a[i] - b[i]));
  return difference;
}

TEST(LayerNorm, EqualsThePlainLoopForEveryWidth) {
  for (std::int64_t width = 2; width <= 1024; width += width < 140 ? 1 : 97) {
    Case item(width);
    ASSERT_LT(max_difference(item.run(layer_norm), item.run(layer_norm_plain)), width < 8 ? 2e-4F : 4e-6F)
        << width;
  }
}

TEST(LayerNorm, KeepsItsPrecisionWhenTheMeanIsLarge) {
  Case item(768, 100.0F);
  EXPECT_LT(max_difference(item.run(layer_norm), item.run(layer_norm_plain)), 3e-5F);
}

TEST(LayerNorm, OfOneValueIsTheBias) {
  Case item(1);
  EXPECT_EQ(item.run(layer_norm)[0], item.bias[0]);
}

TEST(LayerNorm, WithResidualHasTheBitsOfAddFollowedByLayerNorm) {
  for (const std::int64_t width : {1, 7, 16, 33, 768, 771}) {
    Case item(width);
    item.norm.residual = item.residual.data();
    const std::vector<float> fused = item.run(layer_norm);
    std::vector<float> sum(item.input.size());
    add(item.input.data(), item.residual.data(), sum.data(), kRows * width);
    item.norm = {sum.data(), nullptr, item.weight.data(), item.bias.data(), item.norm.eps, width};
    ASSERT_EQ(fused, item.run(layer_norm)) << width;
  }
}

TEST(LayerNorm, WorksInPlaceAndRowByRow) {
  for (const std::int64_t width : {5, 64, 771}) {
    Case item(width);
    item.norm.residual = item.residual.data();
    const std::vector<float> expected = item.run(layer_norm);
    for (std::int64_t row = 0; row < kRows; ++row) layer_norm(item.norm, row, row + 1, item.input.data());
    ASSERT_EQ(item.input, expected) << width;
  }
}

TEST(LayerNorm, LeavesOtherRowsAlone) {
  Case item(33);
  const std::vector<float> output = item.run(layer_norm, 1, 3);
  for (const std::size_t row : {0U, 3U, 4U})
    for (std::size_t i = 0; i < 33; ++i) ASSERT_EQ(output[row * 33 + i], -1.0F);
}

TEST(LayerNorm, OfNaNIsNaN) {
  Case item(40);
  item.input[39] = NAN;
  const std::vector<float> output = item.run(layer_norm);
  EXPECT_TRUE(std::isnan(output[0]));
  EXPECT_FALSE(std::isnan(output[40]));
}

TEST(Add, AddsEveryCountOfValues) {
  for (std::int64_t count = 0; count < 70; ++count) {
    const std::vector<float> a = test::random_floats(count, 5);
    const std::vector<float> b = test::random_floats(count, 6);
    std::vector<float> output(a.size() + 1, 9.0F);
    add(a.data(), b.data(), output.data(), count);
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(output[i], a[i] + b[i]);
    ASSERT_EQ(output.back(), 9.0F);
  }
}

}  // namespace
}  // namespace attnscope::kernels
