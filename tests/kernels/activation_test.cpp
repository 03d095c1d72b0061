// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"

namespace attnscope::kernels {
namespace {

using enum Activation;
constexpr Activation kAll[] = {gelu,    gelu_tanh, quick_gelu, relu, silu,  tanh,  sigmoid, linear,
                               gelu_10, hardswish, leaky_relu, mish, relu2, relu6, laplace, sqrtsoftplus};

std::vector<float> apply(decltype(activate)* kernel, Activation activation, std::vector<float> values) {
  kernel(activation, values.data(), static_cast<std::int64_t>(values.size()));
  return values;
}

// Close together near 0, then out to where everything has saturated.
std::vector<float> sweep() {
  std::vector<float> values;
  for (int i = -120000; i <= 120000; ++i) values.push_back(static_cast<float>(i) * 1e-3F);
  for (float x = 1e-30F; x < 1.0F; x *= 1.07F) values.insert(values.end(), {x, -x});
  return values;
}

TEST(Activation, HasTheValuesOfItsDefinition) {
  const std::vector<float> x = sweep();
  for (const Activation activation : kAll) {
    const std::vector<float> actual = apply(activate, activation, x);
    const std::vector<float> expected = apply(activate_plain, activation, x);
    for (std::size_t i = 0; i < x.size(); ++i)
      ASSERT_LE(std::abs(actual[i] - expected[i]), 5e-7F * std::abs(expected[i]) + 1e-7F)
          << "activation " << static_cast<int>(activation) << " of " << x[i] << ": " << actual[i];
  }
}

TEST(Activation, IsExactInProportionNearZero) {
  for (const Activation activation : {gelu, gelu_tanh, quick_gelu, silu, tanh, mish, hardswish})
    for (float x = 1e-30F; x < 0.5F; x *= 1.01F)
      for (const float value : {x, -x}) {
        const float actual = apply(activate, activation, {value})[0];
        const float expected = apply(activate_plain, activation, {value})[0];
        ASSERT_LE(std::abs(actual - expected), 6e-7F * std::abs(expected))
            << "activation " << static_cast<int>(activation) << " of " << value;
      }
}

TEST(Activation, KeepsTheDigitsOfGeluInTheNegativeTail) {
  for (float x = -12.0F; x < -1.0F; x += 0.01F) {
    const float expected = apply(activate_plain, gelu, {x})[0];
    ASSERT_NEAR(apply(activate, gelu, {x})[0], expected, 1e-5F * std::abs(expected)) << x;
  }
}

TEST(Activation, PassesNaNOn) {
  for (const Activation activation : kAll)
    for (const float value : apply(activate, activation, std::vector<float>(19, NAN)))
      ASSERT_TRUE(std::isnan(value)) << static_cast<int>(activation);
}

// As torch 2.13 computes them: infinity times a factor that becomes 0 is NaN.
TEST(Activation, TreatsInfinitiesAsTorchDoes) {
  const auto at = [](Activation activation, float x) { return apply(activate, activation, {x})[0]; };
  for (const Activation activation :
       {gelu, gelu_tanh, quick_gelu, silu, mish, hardswish, relu, leaky_relu, linear})
    EXPECT_EQ(at(activation, INFINITY), INFINITY) << static_cast<int>(activation);
  for (const Activation activation : {gelu, gelu_tanh, quick_gelu, silu, mish, hardswish})
    EXPECT_TRUE(std::isnan(at(activation, -INFINITY))) << static_cast<int>(activation);
  EXPECT_EQ(at(tanh, -INFINITY), -1.0F);
  EXPECT_EQ(at(sigmoid, -INFINITY), 0.0F);
  EXPECT_EQ(at(relu6, INFINITY), 6.0F);
  EXPECT_EQ(at(gelu_10, INFINITY), 10.0F);
}

TEST(Activation, DoesNotDependOnTheNumberOfValues) {
  for (const Activation activation : kAll) {
    const std::vector<float> whole = apply(activate, activation, sweep());
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<float> part = sweep();
      activate(activation, part.data(), static_cast<std::int64_t>(count));
      ASSERT_TRUE(
          std::equal(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(count), part.begin()));
      ASSERT_EQ(part[count], sweep()[count]);
    }
  }
}

}  // namespace
}  // namespace attnscope::kernels
