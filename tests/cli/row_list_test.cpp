// SPDX-License-Identifier: Apache-2.0
#include "row_list.h"

#include <gmock/gmock.h>

#include "attnscope/error.h"

namespace attnscope::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const std::vector<std::int64_t>& rows) {
  try {
    static_cast<void>(positions_in(rows, 9, text_name(3, std::nullopt)));
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RowList, TakesAllClsAndPositions) {
  EXPECT_FALSE(parse_rows("all", 512).has_value());
  EXPECT_THAT(*parse_rows("cls", 512), ElementsAre(0));
  EXPECT_THAT(*parse_rows("0,3-5,-1", 512), ElementsAre(0, 3, 4, 5, -1));
}

TEST(RowList, FindsThePositionsInEachText) {
  EXPECT_THAT(positions_in({-1, 0, 3}, 9, "text 0"), ElementsAre(8, 0, 3));
  EXPECT_THAT(positions_in({-1, 0}, 2, "text 1"), ElementsAre(1, 0));
}

TEST(RowList, NamesTheTextThatDoesNotHaveARow) {
  EXPECT_THAT(refusal({9}), HasSubstr("9 does not exist in text 3; it has 9 tokens: choose from 0..8"));
  EXPECT_THAT(refusal({-10}), HasSubstr("-10 does not exist in text 3"));
  EXPECT_THAT(refusal({0, -9}), HasSubstr("0 is named twice in text 3"));
  EXPECT_EQ(text_name(5, WindowPlace{2, 1}), "window 1 of text 2");
}

}  // namespace
}  // namespace attnscope::cli
