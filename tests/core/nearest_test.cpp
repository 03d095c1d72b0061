// SPDX-License-Identifier: Apache-2.0
#include "core/nearest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EditDistance, CountsInsertionsRemovalsAndChanges) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("layer", "laeyr"), 2U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Nearest, ComeNearestFirstAndEqualOnesInTheirOrder) {
  EXPECT_THAT(nearest("layer", {"player", "heads", "layers", "layer"}, 3),
              ElementsAre("layer", "player", "layers"));
}

TEST(Nearest, AreNoMoreThanThereAre) {
  EXPECT_THAT(nearest("a", {"b"}, 3), ElementsAre("b"));
  EXPECT_THAT(nearest("a", {}, 3), IsEmpty());
}

}  // namespace
}  // namespace attnscope
