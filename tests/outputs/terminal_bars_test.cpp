// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>

#include "outputs/pictures.h"

namespace attnscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Entries = std::vector<std::pair<std::string, double>>;

std::vector<std::string> draw(const Entries& bars, const Entries& rest, ColorMode color, int columns = 80) {
  PictureOptions options;
  options.color = color;
  options.columns = columns;
  return lines_of(draw_bars(bars, rest, options));
}

TEST(DrawBars, BarsAreAsLongAsTheirShareOfTheLargestAndNumbersAlign) {
  // 20 columns: names of 4, two gaps of 2, numbers of 5, so bars of 7 cells.
  EXPECT_THAT(draw({{"ab", 0.4}, {"cdef", 0.2}, {"g", 0.0}}, {}, ColorMode::truecolor, 20),
              ElementsAre("ab    ━━━━━━━  0.400", "cdef  ━━━╸     0.200", "g              0.000"));
}

TEST(DrawBars, NegativeBarsGoLeftOfAnAxisAndNumbersHaveSigns) {
  // 20 columns: names of 1, numbers of 6, so 9 cells: 4 to each side of the axis.
  EXPECT_THAT(draw({{"a", -0.4}, {"b", 0.4}, {"c", -0.05}}, {}, ColorMode::colors256, 20),
              ElementsAre("a  ━━━━│      -0.400", "b      │━━━━  +0.400", "c     ╺│      -0.050"));
}

TEST(DrawBars, TheRestHasNumbersInTheSameColumnAndNoBars) {
  const auto lines = draw({{"word", 0.1}}, {{"special tokens [CLS]", 0.6}}, ColorMode::truecolor, 40);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[1].starts_with("special tokens [CLS]  "));
  EXPECT_THAT(lines[1], Not(HasSubstr("━")));
  EXPECT_EQ(display_width(lines[0]), display_width(lines[1]));
  EXPECT_TRUE(lines[1].ends_with("  0.600"));
}

TEST(DrawBars, PlainPrintsOneFactALine) {
  EXPECT_THAT(draw({{"Merkel", 0.053}, {"none", std::nan("")}}, {{"special tokens", 0.6}}, ColorMode::plain),
              ElementsAre("Merkel 0.053", "none -", "special tokens 0.600"));
  EXPECT_THAT(draw({{"a", -0.5}, {"b", 0.25}}, {}, ColorMode::plain), ElementsAre("a -0.500", "b +0.250"));
}

TEST(DrawBars, NaNHasNoBarAndDoesNotSpoilTheOthers) {
  EXPECT_THAT(draw({{"a", std::nan("")}, {"b", 0.5}}, {}, ColorMode::truecolor, 20),
              ElementsAre("a                  -", "b  ━━━━━━━━━━  0.500"));
}

TEST(DrawBars, FitsNarrowTerminalsAndWideNames) {
  const std::string kanji = "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E";
  const Entries bars = {{kanji, 12.5}, {std::string(100, 'x'), -0.1}};
  for (const int columns : {20, 21, 40, 80, 120}) {
    const auto lines = draw(bars, {{std::string(200, 'y'), 0.1}}, ColorMode::truecolor, columns);
    for (const std::string& line : lines) {
      EXPECT_LE(display_width(line), columns);
      EXPECT_EQ(display_width(line), display_width(lines.front()));
    }
  }
}

TEST(DrawBars, EscapesAndIsolatesNames) {
  for (const ColorMode color : {ColorMode::plain, ColorMode::truecolor}) {
    const auto lines = draw({{"\x1b]0;x\x07", 1.0}, {"\xD7\x90", 0.5}}, {{"\x1b[2J", 0.1}}, color);
    EXPECT_TRUE(lines[0].starts_with("\\x1B]0;x\\x07"));
    EXPECT_TRUE(lines[1].starts_with("\xE2\x81\xA8\xD7\x90\xE2\x81\xA9"));
    EXPECT_TRUE(lines[2].starts_with("\\x1B[2J"));
  }
}

TEST(DrawBars, NothingIsNothing) { EXPECT_EQ(draw_bars({}, {}, {}), ""); }

}  // namespace
}  // namespace attnscope
