// SPDX-License-Identifier: Apache-2.0
#include "suggestion.h"

#include <gtest/gtest.h>

namespace attnscope::cli {
namespace {

const std::vector<std::string> kNames = {"--layer", "--head", "--mean"};

TEST(Suggest, FindsTheNearestWithinTwoEdits) {
  EXPECT_EQ(suggest("--laeyr", kNames), "--layer");
  EXPECT_EQ(suggest("--heda", kNames), "--head");
  EXPECT_EQ(suggest("--lay", kNames), "--layer");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_FALSE(suggest("--frobnicate", kNames).has_value());
  EXPECT_FALSE(suggest("--la", kNames).has_value());
}

}  // namespace
}  // namespace attnscope::cli
