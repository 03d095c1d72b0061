// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

Tensor random_states(const Shape& shape, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> value(0.3F, 1.0F);
  Tensor states(shape);
  for (std::int64_t i = 0; i < states.count(); ++i) states.mutable_view().f32()[i] = value(generator);
  return states;
}

double plain_cosine(const TensorView& left, const TensorView& right) {
  double product = 0.0;
  double left_square = 0.0;
  double right_square = 0.0;
  for (std::int64_t i = 0; i < left.size(0); ++i) {
    const double a = left.at({i});
    const double b = right.at({i});
    product += a * b;
    left_square += a * a;
    right_square += b * b;
  }
  return product / std::sqrt(left_square * right_square);
}

TEST(StateCosines, AreMeansOverTokens) {
  const Tensor states = random_states({4, 7, 16}, 1);
  const Tensor found = state_cosines(states.view());
  for (std::int64_t a = 0; a < 4; ++a)
    for (std::int64_t b = 0; b < 4; ++b) {
      double sum = 0.0;
      for (std::int64_t token = 0; token < 7; ++token)
        sum += plain_cosine(states.view().select(0, a).select(0, token),
                            states.view().select(0, b).select(0, token));
      EXPECT_NEAR(found.at({a, b}), sum / 7, 1e-6);
      EXPECT_EQ(found.at({a, b}), found.at({b, a}));
    }
}

TEST(TokenCosines, AreMeansOverPairsOfTokens) {
  const Tensor states = random_states({3, 7, 16}, 2);
  const Tensor found = token_cosines(states.view());
  for (std::int64_t state = 0; state < 3; ++state) {
    double sum = 0.0;
    for (std::int64_t a = 0; a < 7; ++a)
      for (std::int64_t b = 0; b < a; ++b)
        sum += plain_cosine(states.view().select(0, state).select(0, a),
                            states.view().select(0, state).select(0, b));
    EXPECT_NEAR(found.at({state}), sum / 21, 1e-6);
  }
}

TEST(Cosines, OfVectorsThatAreZeroAreZero) {
  const Tensor states = Tensor::of({2, 2, 2}, std::vector<float>{0, 0, 1, 0, 3, 4, 5, 0});
  EXPECT_TRUE(
      same_bits(state_cosines(states.view()), Tensor::of({2, 2}, std::vector<float>{0.5, 0.5, 0.5, 1})));
  EXPECT_FLOAT_EQ(token_cosines(states.view()).at({0}), 0.0F);
  EXPECT_FLOAT_EQ(token_cosines(states.view()).at({1}), 0.6F);
}

TEST(Cosines, ReadViewsWithStrides) {
  const Tensor states = random_states({3, 8, 16}, 3);
  const TensorView part = states.view().narrow(1, 2, 4).narrow(2, 5, 7);
  const Tensor copy = part.own();
  EXPECT_TRUE(same_bits(state_cosines(part), state_cosines(copy.view())));
  EXPECT_TRUE(same_bits(token_cosines(part), token_cosines(copy.view())));
}

TEST(Cosines, RefuseStatesThatDoNotFit) {
  const Tensor matrix({7, 16});
  expect_error("SHAPE", [&] { static_cast<void>(state_cosines(matrix.view())); });
  const Tensor one_token({3, 1, 16});
  expect_error("SHAPE", [&] { static_cast<void>(token_cosines(one_token.view())); });
  Tensor states = random_states({3, 7, 16}, 4);
  states.mutable_view().f32()[(2 * 7 + 5) * 16 + 3] = NAN;
  EXPECT_EQ(expect_error("VALUE", [&] { static_cast<void>(state_cosines(states.view())); }).where,
            "state 2, token 5");
}

}  // namespace
}  // namespace attnscope::analysis
