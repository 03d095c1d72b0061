// SPDX-License-Identifier: Apache-2.0
#include "outputs/display_width.h"

#include <gtest/gtest.h>

#include "attnscope/outputs.h"

namespace attnscope {
namespace {

TEST(DisplayWidth, CountsWideCharactersTwiceAndMarksNotAtAll) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("\xE6\x97\xA5\xE6\x9C\xAC"), 4);  // two Kanji
  EXPECT_EQ(display_width("e\xCC\x81"), 1);                 // e and a combining acute
  EXPECT_EQ(display_width("\xF0\x9F\x98\x80"), 2);          // an emoji
  EXPECT_EQ(display_width("\xD7\x90\xD7\x91"), 2);          // two Hebrew letters
  EXPECT_EQ(display_width(""), 0);
}

TEST(FitLabel, CutsWithAnEllipsisAndPadsToTheCell) {
  EXPECT_EQ(fit_label("abc", 5), "abc  ");
  EXPECT_EQ(fit_label("abcdef", 4), "abc\xE2\x80\xA6");
  EXPECT_EQ(display_width(fit_label("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", 4)), 4);
}

TEST(FitLabel, IsolatesRightToLeftLetters) {
  EXPECT_EQ(fit_label("\xD7\x90", 2), "\xE2\x81\xA8\xD7\x90\xE2\x81\xA9 ");
}

TEST(EscapeForTerminal, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(escape_for_terminal("caf\xC3\xA9 \xE6\x97\xA5 \\n"), "caf\xC3\xA9 \xE6\x97\xA5 \\n");
}

TEST(EscapeForTerminal, ShowsControlsBidiControlsAndInvalidBytes) {
  EXPECT_EQ(escape_for_terminal("\x1b[31m\n"), "\\x1B[31m\\x0A");
  EXPECT_EQ(escape_for_terminal("\xC2\x9B"), "\\u{9B}");        // C1 control sequence introducer
  EXPECT_EQ(escape_for_terminal("\xE2\x80\xAE"), "\\u{202E}");  // right-to-left override
  EXPECT_EQ(escape_for_terminal("\xFF\xC3"), "\\xFF\\xC3");
  EXPECT_EQ(escape_for_terminal("\xF3\xA0\x81\x81"), "\\u{E0041}");  // a tag letter
}

}  // namespace
}  // namespace attnscope
