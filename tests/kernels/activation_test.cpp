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

std::vector<float> slopes(decltype(activation_backward)* kernel, Activation activation,
                          const std::vector<float>& inputs, float gradient = 1.0F) {
  std::vector<float> values(inputs.size(), gradient);
  kernel(activation, inputs.data(), values.data(), static_cast<std::int64_t>(values.size()));
  return values;
}

TEST(ActivationBackward, OfThePlainLoopIsTheSlopeOfTheFunction) {
  constexpr float kStep = 0.01F;
  for (const Activation activation : kAll)
    for (float x = -8.005F; x < 14.0F; x += 0.037F) {  // no corner within a step of it
      const float above = apply(activate_plain, activation, {x + kStep})[0];
      const float below = apply(activate_plain, activation, {x - kStep})[0];
      const bool near_corner = std::abs(x) < 0.02F || std::abs(std::abs(x) - 3.0F) < 0.02F ||
                               std::abs(x - 6.0F) < 0.02F || std::abs(x - 10.0F) < 0.02F;
      if (near_corner) continue;
      ASSERT_NEAR(slopes(activation_backward_plain, activation, {x})[0], (above - below) / (2.0F * kStep),
                  2e-3F)
          << "activation " << static_cast<int>(activation) << " at " << x;
    }
}

TEST(ActivationBackward, ScalesGradientsByTheSlope) {
  const std::vector<float> x = sweep();
  for (const Activation activation : kAll) {
    const std::vector<float> actual = slopes(activation_backward, activation, x, -3.0F);
    const std::vector<float> expected = slopes(activation_backward_plain, activation, x, -3.0F);
    for (std::size_t i = 0; i < x.size(); ++i)
      ASSERT_NEAR(actual[i], expected[i], 3e-6F * std::max(1.0F, std::abs(expected[i])))
          << "activation " << static_cast<int>(activation) << " at " << x[i];
  }
}

TEST(ActivationBackward, TouchesNothingBehindTheLastValue) {
  for (const Activation activation : kAll) {
    const std::vector<float> x(40, 0.75F);
    const float slope = slopes(activation_backward, activation, {0.75F})[0];
    for (std::size_t count = 0; count < 40; ++count) {
      std::vector<float> gradients(40, 1.0F);
      activation_backward(activation, x.data(), gradients.data(), static_cast<std::int64_t>(count));
      for (std::size_t i = 0; i < 40; ++i) ASSERT_EQ(gradients[i], i < count ? slope : 1.0F);
    }
  }
}

}  // namespace
}  // namespace attnscope::kernels
