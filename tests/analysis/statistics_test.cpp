// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

TEST(Statistics, OfUniformAttentionAreThoseOfTheFormulas) {
  for (const std::int64_t n : {1, 2, 9, 64}) {
    const auto size = static_cast<double>(n);
    const Tensor weights = uniform_weights({2, 3, n, n});
    EXPECT_EQ(to_string(entropy(weights.view()).shape()), "[2, 3]");
    EXPECT_TRUE(all_near(entropy(weights.view()), std::log(size), 1e-6));
    EXPECT_TRUE(all_near(distance(weights.view()), (size * size - 1.0) / (3.0 * size), 1e-5));
    EXPECT_TRUE(all_near(confidence(weights.view()), 1.0 / size, 1e-7));
    EXPECT_TRUE(all_near(mass_at_offset(weights.view(), 1), (size - 1.0) / size / size, 1e-7));
    EXPECT_TRUE(all_near(received(weights.view()), 1.0 / size, 1e-7));
  }
}

TEST(Statistics, OfTokensThatLookAtThemselves) {
  const Tensor weights = identity_weights({2, 3, 5, 5});
  EXPECT_TRUE(all_near(entropy(weights.view()), 0.0, 0.0));
  EXPECT_TRUE(all_near(distance(weights.view()), 0.0, 0.0));
  EXPECT_TRUE(all_near(confidence(weights.view()), 1.0, 0.0));
  EXPECT_TRUE(all_near(mass_at_offset(weights.view(), 0), 1.0, 0.0));
  EXPECT_TRUE(all_near(mass_at_offset(weights.view(), -1), 0.0, 0.0));
}

TEST(Statistics, OfAMatrixByHand) {
  const Tensor weights =
      Tensor::of({3, 3}, std::vector<float>{0.5F, 0.25F, 0.25F, 0.0F, 0.0F, 1.0F, 0.25F, 0.75F, 0.0F});
  EXPECT_NEAR(entropy(weights.view()).at({}),
              (1.5 * std::log(2.0) + 2.0 * std::log(2.0) - 0.75 * std::log(3.0)) / 3, 1e-7);
  EXPECT_NEAR(distance(weights.view()).at({}), (0.75 + 1.0 + 1.25) / 3, 1e-7);
  EXPECT_NEAR(confidence(weights.view()).at({}), (0.5 + 1.0 + 0.75) / 3, 1e-7);
  EXPECT_NEAR(mass_at_offset(weights.view(), 1).at({}), (0.25 + 1.0) / 3, 1e-7);
  EXPECT_NEAR(mass_at_offset(weights.view(), -1).at({}), 0.75 / 3, 1e-7);
  EXPECT_NEAR(mass_at_offset(weights.view(), 2).at({}), 0.25 / 3, 1e-7);
  EXPECT_NEAR(mass_on(weights.view(), {true, false, true}).at({}), (0.75 + 1.0 + 0.25) / 3, 1e-7);
  EXPECT_NEAR(mass_on_same_word(weights.view(), {-1, 0, 0}).at({}), (1.0 + 0.75) / 3, 1e-7);
  EXPECT_NEAR(received(weights.view()).at({1}), 1.0 / 3, 1e-7);
}

TEST(Statistics, OfChosenRowsLeaveTheOthersOut) {
  const Tensor weights = Tensor::of({2, 2}, std::vector<float>{0.25F, 0.75F, 1.0F, 0.0F});
  const TokenSet second{false, true};
  EXPECT_EQ(entropy(weights.view(), second).at({}), 0.0F);
  EXPECT_EQ(distance(weights.view(), second).at({}), 1.0F);
  EXPECT_EQ(confidence(weights.view(), second).at({}), 1.0F);
  EXPECT_EQ(mass_on(weights.view(), {true, false}, second).at({}), 1.0F);
  EXPECT_EQ(mass_at_offset(weights.view(), 0, second).at({}), 0.0F);
  expect_error("SHAPE", [&] { static_cast<void>(entropy(weights.view(), TokenSet{true})); });
  expect_error("SHAPE", [&] { static_cast<void>(entropy(weights.view(), TokenSet{false, false})); });
  expect_error("SHAPE", [&] { static_cast<void>(mass_on(weights.view(), {true, false, true})); });
}

TEST(Statistics, AtAnyOffsetAddUpToOne) {
  const Tensor weights = random_weights({1, 2, 11, 11}, 4);
  double sum = 0.0;
  for (std::int64_t offset = -12; offset <= 12; ++offset)
    sum += mass_at_offset(weights.view(), offset).at({0, 1});
  EXPECT_NEAR(sum, 1.0, 1e-6);
  for (const std::int64_t far : {INT64_MIN, INT64_MAX})
    EXPECT_EQ(mass_at_offset(weights.view(), far).at({0, 1}), 0.0F);
}

TEST(Statistics, HaveTheSameBitsOnAnyNumberOfThreads) {
  const Tensor weights = random_weights({3, 4, 60, 60}, 5);
  expect_same_on_all_thread_counts([&] { return entropy(weights.view()); });
  expect_same_on_all_thread_counts([&] { return received(weights.view()); });
}

}  // namespace
}  // namespace attnscope::analysis
