// SPDX-License-Identifier: Apache-2.0
#include "strongest.h"

#include <gtest/gtest.h>

namespace attnscope::cli {
namespace {

TEST(Strongest, ListsTheLargestFirstWithHeadAndPlace) {
  const Tensor layer =
      Tensor::of({2, 2, 2}, std::vector<float>{0.1F, 0.9F, 0.5F, 0.5F, 0.3F, 0.7F, 0.8F, 0.2F});
  const auto weights = strongest(layer.view(), 3);
  ASSERT_EQ(weights.size(), 3U);
  EXPECT_EQ(weights[0].weight, 0.9F);
  EXPECT_EQ(weights[0].head, 0);
  EXPECT_EQ(weights[0].to, 1);
  EXPECT_EQ(weights[1].weight, 0.8F);
  EXPECT_EQ(weights[1].head, 1);
  EXPECT_EQ(weights[1].from, 1);
  EXPECT_EQ(weights[2].weight, 0.7F);
}

TEST(Strongest, CountsRowsWhereNotAllAreThere) {
  const Tensor layer = Tensor::of({2, 1, 3}, std::vector<float>{0.1F, 0.7F, 0.2F, 0.5F, 0.1F, 0.4F});
  const auto weights = strongest(layer.view(), 2);
  EXPECT_EQ(weights[1].weight, 0.5F);
  EXPECT_EQ(weights[1].head, 1);
  EXPECT_EQ(weights[1].from, 0);
  EXPECT_EQ(weights[1].to, 0);
}

TEST(Strongest, OfAReducedLayerNamesNoHead) {
  const Tensor layer = Tensor::of({1, 1}, std::vector<float>{1.0F});
  const auto weights = strongest(layer.view(), 3);
  ASSERT_EQ(weights.size(), 1U);
  EXPECT_FALSE(weights[0].head.has_value());
}

}  // namespace
}  // namespace attnscope::cli
