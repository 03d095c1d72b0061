// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "attnscope/error.h"
#include "tokenizer/truncation.h"
#include "tokenizer/utf8_repair.h"

namespace attnscope {
namespace {

constexpr auto kReplacement = "\xEF\xBF\xBD";

TEST(RepairedText, OneReplacementStandsForTheBeginningOfACharacter) {
  EXPECT_EQ(RepairedText("a\xE1\x80z").text(), std::string("a") + kReplacement + "z");
  EXPECT_EQ(RepairedText("\xF0\x9F\x98").text(), kReplacement);
}

TEST(RepairedText, ASurrogateIsThreeBadSequences) {
  EXPECT_EQ(RepairedText("\xED\xA0\x80").text(), std::string(kReplacement) + kReplacement + kReplacement);
}

TEST(RepairedText, KnowsTheOriginalOffsets) {
  const RepairedText text("a\xE1\x80z\xFF!");
  ASSERT_EQ(text.text().size(), 9U);
  EXPECT_EQ(text.original_offset(1), 1U);
  EXPECT_EQ(text.original_offset(4), 3U);
  EXPECT_EQ(text.original_offset(5), 4U);
  EXPECT_EQ(text.original_offset(8), 5U);
  EXPECT_EQ(text.original_offset(9), 6U);
}

TEST(Truncation, TheShorterTextOfAPairKeepsWhatItCan) {
  const SequenceLengths kept = truncate({3, 20}, 10, TruncationStrategy::longest_first);
  EXPECT_EQ(kept.first, 3U);
  EXPECT_EQ(kept.second, 7U);
}

TEST(Truncation, TheOddTokenGoesToTheLongerText) {
  const SequenceLengths kept = truncate({20, 10}, 7, TruncationStrategy::longest_first);
  EXPECT_EQ(kept.first, 4U);
  EXPECT_EQ(kept.second, 3U);
}

TEST(Truncation, Row49OnlyTheSecondTextIsRefusedWhereItHasTooFewTokens) {
  EXPECT_THROW((void)truncate({9, 2}, 8, TruncationStrategy::only_second), TextError);
  EXPECT_THROW((void)truncate({9, {}}, 8, TruncationStrategy::only_second), InvalidArgument);
  EXPECT_EQ(truncate({9, 4}, 10, TruncationStrategy::only_second).second, 1U);
}

TEST(Truncation, Row49ALengthBelowTheSpecialTokensIsRefused) {
  EXPECT_EQ(length_budget(3, 3), 0U);
  EXPECT_THROW((void)length_budget(2, 3), InvalidArgument);
  EXPECT_THROW((void)length_budget(-1, 0), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
