// SPDX-License-Identifier: Apache-2.0
#include "numbers.h"

#include <gmock/gmock.h>

#include "attnscope/error.h"

namespace attnscope::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string refusal(const std::string& list, decltype(&parse_index_list) parse = parse_index_list) {
  try {
    static_cast<void>(parse("--layers", list, 6));
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(IndexList, TakesNumbersAndRangesInTheOrderGiven) {
  EXPECT_THAT(*parse_index_list("--layers", "5,0,2-4", 6), ElementsAre(5, 0, 2, 3, 4));
  EXPECT_THAT(*parse_index_list("--layers", "3-3", 6), ElementsAre(3));
}

TEST(IndexList, AllIsEveryIndex) { EXPECT_FALSE(parse_index_list("--layers", "all", 6).has_value()); }

TEST(IndexList, NamesTheRangeForWhatIsOutsideOrNoNumber) {
  for (const char* list :
       {"6", "-1", "all,3", "1e3", "99999999999999999999", "", "1,", "0x1", " 1", "2--3", "-"}) {
    SCOPED_TRACE(list);
    EXPECT_THAT(refusal(list), HasSubstr("0..5"));
  }
}

TEST(IndexList, RefusesRangesThatRunBackwardsAndRepetitions) {
  EXPECT_THAT(refusal("4-2"), HasSubstr("write 2-4"));
  EXPECT_THAT(refusal("1,0-2"), HasSubstr("1 is given twice"));
}

TEST(PositionList, CountsNegativeNumbersFromTheEnd) {
  EXPECT_THAT(*parse_position_list("--rows", "-1,0,2-3,-6--5", 6), ElementsAre(-1, 0, 2, 3, -6, -5));
  EXPECT_FALSE(parse_position_list("--rows", "all", 6).has_value());
}

TEST(PositionList, RefusesWhatIsOutsideBackwardsOrOfBothEnds) {
  for (const char* list : {"6", "-7", "x", "", "1,", "--1", "1-", "99999999999999999999"}) {
    SCOPED_TRACE(list);
    EXPECT_THAT(refusal(list, parse_position_list), HasSubstr("-6..5"));
  }
  EXPECT_THAT(refusal("-1--3", parse_position_list), HasSubstr("write -3--1"));
  EXPECT_THAT(refusal("0--1", parse_position_list), HasSubstr("from the same side"));
  EXPECT_THAT(refusal("-1,2,-1", parse_position_list), HasSubstr("-1 is given twice"));
}

TEST(Choice, ListsTheWords) {
  EXPECT_EQ(parse_choice("--reduce", "max", {"none", "mean", "max"}), 2U);
  try {
    static_cast<void>(parse_choice("--reduce", "median", {"none", "mean", "max"}));
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_THAT(error.what(), HasSubstr("none, mean, max"));
  }
}

}  // namespace
}  // namespace attnscope::cli
