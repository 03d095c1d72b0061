// SPDX-License-Identifier: Apache-2.0
#include "outputs/text_metrics.h"

#include <gtest/gtest.h>

namespace attnscope {
namespace {

TEST(TextMetrics, WidthsAreThoseOfTheTable) {
  EXPECT_DOUBLE_EQ(text_width("ii", 10.0), 2 * 2.78);
  EXPECT_DOUBLE_EQ(text_width("", 10.0), 0.0);
  EXPECT_GT(text_width("Paris", 10.0, true), text_width("Paris", 10.0));
  EXPECT_DOUBLE_EQ(text_width("\xE4\xB8\xAD", 10.0), 10.0);                // wide
  EXPECT_DOUBLE_EQ(text_width("e\xCC\x81", 10.0), text_width("e", 10.0));  // a mark
}

TEST(TextMetrics, FittedTextIsNeverWider) {
  const std::string text = "Donaudampfschifffahrtsgesellschaft";
  EXPECT_EQ(fit_text(text, 1000.0, 7.0), text);
  for (const double width : {10.0, 20.0, 50.0}) {
    const std::string fitted = fit_text(text, width, 7.0);
    EXPECT_LE(text_width(fitted, 7.0), width);
    EXPECT_TRUE(fitted.ends_with("\xE2\x80\xA6"));
  }
}

TEST(TextMetrics, LinesHoldAllWordsAndAreNotTooWide) {
  const std::string text = "Attention weight, square-root scale from 0 to 0.982, the largest weight drawn.";
  for (const double width : {60.0, 80.0, 500.0}) {
    std::string joined;
    for (const std::string& line : wrap_text(text, width, 7.0)) {
      EXPECT_LE(text_width(line, 7.0), width);
      joined += (joined.empty() ? "" : " ") + line;
    }
    EXPECT_EQ(joined, text);
  }
}

TEST(TextMetrics, LongWordsAndParagraphsBreak) {
  const auto lines = wrap_text("aaaaaaaaaaaaaaaaaaaa\nb", 30.0, 10.0);
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0], "aaaa");
  EXPECT_EQ(lines[5], "b");
}

TEST(TextMetrics, NumbersHaveThreeDecimals) {
  EXPECT_EQ(number_text(0.4324), "0.432");
  EXPECT_EQ(number_text(0.0), "0.000");
  EXPECT_EQ(number_text(-0.0), "0.000");
  EXPECT_EQ(number_text(-1.5),
            "\xE2\x88\x92"
            "1.500");
  EXPECT_EQ(number_text(0.00004), "4.0e-05");
  EXPECT_EQ(tick_text(0.5), "0.5");
  EXPECT_EQ(tick_text(20.0), "20");
  EXPECT_EQ(tick_text(1.0), "1");
}

}  // namespace
}  // namespace attnscope
