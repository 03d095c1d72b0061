// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "attnscope/outputs.h"

namespace attnscope {
namespace {

TEST(WrapText, BreaksAtBlanksAndLeavesThemOut) {
  EXPECT_EQ(wrap_text("one two three", 7), "one two\nthree\n");
  EXPECT_EQ(wrap_text("one two   three ", 7), "one two\nthree\n");
  EXPECT_EQ(wrap_text("one two", 7), "one two\n");
  EXPECT_EQ(wrap_text("", 7), "");
}

TEST(WrapText, BreaksAWordThatIsLongerThanALine) {
  EXPECT_EQ(wrap_text("abcdefgh ij", 3), "abc\ndef\ngh\nij\n");
}

TEST(WrapText, BreaksBetweenWideCharactersThatHaveNoBlanks) {
  // Three Kanji of two cells each, then a word that would fit on the second line only.
  EXPECT_EQ(wrap_text("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", 5), "\xE6\x97\xA5\xE6\x9C\xAC\n\xE8\xAA\x9E\n");
}

TEST(WrapText, NeverPartsMarksAndJoinedEmojiFromTheirBase) {
  EXPECT_EQ(wrap_text("e\xCC\x81"
                      "e\xCC\x81",
                      1),
            "e\xCC\x81\ne\xCC\x81\n");
  const std::string family = "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7";
  EXPECT_EQ(wrap_text(family + family, 4), family + '\n' + family + '\n');
}

TEST(WrapText, SetsFurtherLinesUnderTheEndOfTheHead) {
  EXPECT_EQ(wrap_text("one two three", 11, "n:  "), "n:  one two\n    three\n");
}

TEST(WrapText, ProgressesWhateverTheWidth) {
  EXPECT_EQ(wrap_text("\xE6\x97\xA5\xE6\x9C\xAC", 1), "\xE6\x97\xA5\n\xE6\x9C\xAC\n");
  EXPECT_EQ(wrap_text("ab", 0, "head"), "heada\n    b\n");
}

TEST(WrapText, EscapesControlsAndTakesLineBreaksAsBlanks) {
  EXPECT_EQ(wrap_text("a\nb\tc\x1b[2J", 80), "a b c\\x1B[2J\n");
}

TEST(WrapText, IsolatesRightToLeftLetters) {
  EXPECT_EQ(wrap_text("\xD7\x90", 8, "x "), "x \xE2\x81\xA8\xD7\x90\xE2\x81\xA9\n");
}

}  // namespace
}  // namespace attnscope
