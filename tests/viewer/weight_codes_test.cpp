// SPDX-License-Identifier: Apache-2.0
#include "viewer/weight_codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace attnscope {
namespace {

using testing::ElementsAre;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(SquareRootBytes, RoundTheRootToTheNearestStep) {
  const Tensor weights =
      Tensor::of({2, 4}, std::vector<float>{0.0F, 1.0F, 0.25F, 0.0000038F, 0.0000039F, 1.5F, kNaN, 0.5F});
  // 255 * 0.5 = 127.5; 255 * sqrt(3.8e-6) = 0.497; 255 * sqrt(3.9e-6) = 0.504; 255 * sqrt(0.5) = 180.3
  EXPECT_THAT(square_root_bytes(weights.view()), ElementsAre(0, 255, 128, 0, 1, 255, 0, 180));
}

TEST(TopWeights, TheLargestComeFirstAndOfEqualOnesTheFirst) {
  const Tensor weights = Tensor::of(
      {3, 3}, std::vector<float>{0.2F, 0.5F, 0.3F, 0.25F, 0.5F, 0.25F, 0.3333F, 0.33336F, 0.33334F});
  const TopWeights top = top_weights(weights.view(), 2);
  EXPECT_THAT(top.keys, ElementsAre(1, 2, 1, 0, 1, 2));
  EXPECT_THAT(top.weights, ElementsAre(5000, 3000, 5000, 2500, 3334, 3333));
}

TEST(TopWeights, NaNComesLastAndLargeNumbersStayInRange) {
  const Tensor weights = Tensor::of({2, 2}, std::vector<float>{kNaN, 0.1F, 7.0F, 0.0F});
  const TopWeights top = top_weights(weights.view(), 2);
  EXPECT_THAT(top.keys, ElementsAre(1, 0, 0, 1));
  EXPECT_THAT(top.weights, ElementsAre(1000, 0, 65535, 0));
}

// Of 5 elements in 3 cells those lie in cells 0, 0, 1, 1, 2.
TEST(PoolTo, TakesTheLargestOfEachCell) {
  Tensor weights({1, 5, 5});
  for (int i = 0; i < 25; ++i) weights.mutable_view().f32()[i] = static_cast<float>(i);
  const Tensor pooled = pool_to(weights.view(), 3);
  ASSERT_EQ(pooled.shape(), (Shape{1, 3, 3}));
  EXPECT_THAT(std::vector<float>(pooled.f32(), pooled.f32() + 9),
              ElementsAre(6, 8, 9, 16, 18, 19, 21, 23, 24));
}

TEST(PoolTo, LeavesASmallMatrixAsItIs) {
  const Tensor weights = Tensor::of({2, 2}, std::vector<float>{0.1F, 0.2F, 0.3F, 0.4F});
  const Tensor pooled = pool_to(weights.view(), 2);
  EXPECT_THAT(std::vector<float>(pooled.f32(), pooled.f32() + 4), ElementsAre(0.1F, 0.2F, 0.3F, 0.4F));
}

}  // namespace
}  // namespace attnscope
