// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "viewer/html_text.h"
#include "viewer/utf16.h"

namespace attnscope {
namespace {

// "a", e with an accent of its own, a CJK character, an emoji, a byte that is no UTF-8, "b".
TEST(Utf16Positions, CountAsJavaScriptDoes) {
  const std::string text =
      "ae\xCC\x81\xE6\xBC\xA2\xF0\x9F\x98\x80\xFF"
      "b";
  const Utf16Positions positions(text);
  EXPECT_EQ(positions.at(0), 0);
  EXPECT_EQ(positions.at(1), 1);
  EXPECT_EQ(positions.at(2), 2);
  EXPECT_EQ(positions.at(4), 3);
  EXPECT_EQ(positions.at(7), 4);
  EXPECT_EQ(positions.at(9), 4);  // within the emoji
  EXPECT_EQ(positions.at(11), 6);
  EXPECT_EQ(positions.at(12), 7);
  EXPECT_EQ(positions.of({7, 13}), (Span{4, 8}));
}

TEST(EscapeHtml, NothingEndsAnElementOrAnAttribute) {
  EXPECT_EQ(escape_html("</script><!-- & \"x\" '"), "&lt;/script&gt;&lt;!-- &amp; &quot;x&quot; '");
  EXPECT_EQ(escape_html(std::string("a\0b\x1B", 4)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(escape_html("\xFFz\n"), "\xEF\xBF\xBDz\n");
}

TEST(JsonForScript, HoldsNoMarkupAndNoLineEnds) {
  EXPECT_EQ(json_for_script("\"</script>\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA\""),
            "\"\\u003c/script>\\u2028\\u2029\xE2\x80\xAA\"");
}

TEST(TitleOf, IsOneShortLine) {
  EXPECT_EQ(title_of(" two\r\n lines \t"), "two lines");
  EXPECT_EQ(title_of("a\xE2\x80\xAE"
                     "b\xE2\x81\xA6"),
            "ab");  // right-to-left override, isolate
  EXPECT_EQ(title_of("\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 2), "\xF0\x9F\x98\x80\xE2\x80\xA6");
  EXPECT_EQ(title_of("abc", 3), "abc");
}

}  // namespace
}  // namespace attnscope
