// SPDX-License-Identifier: Apache-2.0
#include "outputs/max_pool.h"

#include <gtest/gtest.h>

namespace attnscope {
namespace {

TEST(MaxPool, KeepsASingleSharpWeight) {
  Tensor weights(Shape{100, 100});
  weights.mutable_view().f32()[57 * 100 + 91] = 0.75F;
  const Tensor pooled = max_pool(weights.view(), 7, 5);
  EXPECT_EQ(pooled.at({4, 4}), 0.75F);  // rows 57 to 70, columns 80 to 99
  EXPECT_EQ(pooled.at({3, 4}), 0.0F);
}

TEST(MaxPool, OfTheSameSizeChangesNothing) {
  const Tensor weights = Tensor::of({2, 2}, std::vector<float>{1, 2, 3, 4});
  const Tensor pooled = max_pool(weights.view(), 2, 2);
  EXPECT_EQ(pooled.at({1, 0}), 3.0F);
}

TEST(MaxPool, ReadsViewsWithStrides) {
  const Tensor heads = Tensor::of({2, 2, 2}, std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(max_pool(heads.view().select(2, 1), 1, 1).at({0, 0}), 7.0F);
  EXPECT_EQ(max_pool(heads.view().select(1, 0), 2, 2).at({1, 1}), 5.0F);
}

}  // namespace
}  // namespace attnscope
