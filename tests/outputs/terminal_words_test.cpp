// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/palette.h"
#include "outputs/pictures.h"

namespace attnscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// "Angela Merkel visited Paris." as seen from Paris.
WordsPicture paris() {
  WordsPicture picture;
  picture.text = "Angela Merkel visited Paris.";
  picture.words = {{{0, 6}, 0.1, false, "PER", 0},
                   {{7, 13}, 0.2, false, "", 0},
                   {{14, 21}, 0.4},
                   {{22, 27}, kNone, true, "LOC", 1},
                   {{27, 28}, 0.0}};
  picture.rest = {{"special tokens [CLS] [SEP]", 0.25}, {"itself", 0.05}};
  picture.measure = "attention, mean over 6 layers";
  return picture;
}

std::string draw(const WordsPicture& picture, ColorMode color, int columns = 80) {
  PictureOptions options;
  options.color = color;
  options.columns = columns;
  return draw_words(picture, "Paris (LOC)", options);
}

std::string colors_of(Rgb background) {
  const Rgb text = readable_on(background);
  const auto number = [](std::uint8_t level) { return std::to_string(level); };
  return "\x1b[38;2;" + number(text.red) + ';' + number(text.green) + ';' + number(text.blue) +
         "m\x1b[48;2;" + number(background.red) + ';' + number(background.green) + ';' +
         number(background.blue) + 'm';
}

TEST(DrawWords, PlainIsTheTextAndOneFactALine) {
  EXPECT_THAT(lines_of(draw(paris(), ColorMode::plain)),
              ElementsAre("Paris (LOC)", "Angela Merkel [PER] visited <Paris> [LOC].",
                          "attention, mean over 6 layers", "visited 0.400", "Merkel 0.200", "Angela 0.100",
                          ". 0.000", "special tokens [CLS] [SEP] 0.250", "itself 0.050"));
}

TEST(DrawWords, InColourTheSameFactsStandBesideBars) {
  for (const ColorMode color : {ColorMode::colors256, ColorMode::truecolor}) {
    const auto lines = lines_of(draw(paris(), color));
    EXPECT_EQ(lines[1], "Angela Merkel [PER] visited Paris [LOC].");
    EXPECT_THAT(lines[3], HasSubstr("cividis, square-root scale"));
    EXPECT_EQ(lines[5], "attention, mean over 6 layers");
    EXPECT_TRUE(lines[7].starts_with("visited  ━")) << lines[7];
    EXPECT_TRUE(lines[7].ends_with("━  0.400")) << lines[7];
    EXPECT_TRUE(lines[11].starts_with("special tokens [CLS] [SEP] ")) << lines[11];
  }
}

TEST(DrawWords, ShadesByTheScaleWithTextThatReadsOnIt) {
  const std::string drawn = draw(paris(), ColorMode::truecolor);
  EXPECT_THAT(drawn, HasSubstr(colors_of(cividis().at(1.0F)) + "visited\x1b[0m"));
  EXPECT_THAT(drawn, HasSubstr(colors_of(cividis().at(0.5F)) + "Angela\x1b[0m"));  // sqrt(0.1 / 0.4)
  EXPECT_THAT(drawn, HasSubstr(colors_of(cividis().at(0.0F)) + ".\x1b[0m"));
}

TEST(DrawWords, WhatIsExplainedIsBoldAndUnderlinedAndBare) {
  EXPECT_THAT(draw(paris(), ColorMode::colors256), HasSubstr("\x1b[1;4mParis\x1b[0m [LOC]"));
}

TEST(DrawWords, BracketsHoldNeighboursThatAreExplainedTogether) {
  WordsPicture picture = paris();
  picture.words[0].focus = picture.words[1].focus = true;
  EXPECT_THAT(draw(picture, ColorMode::plain), HasSubstr("\n<Angela Merkel> [PER] visited <Paris> [LOC].\n"));
}

TEST(DrawWords, NegativeWeightsTakeTheSignedScaleAndSignedNumbers) {
  WordsPicture picture = paris();
  picture.words[2].weight = -0.4;
  picture.words[4].weight = 0.4;
  const std::string drawn = draw(picture, ColorMode::truecolor);
  EXPECT_THAT(drawn, HasSubstr(colors_of(difference().at(0.0F)) + "visited\x1b[0m"));
  EXPECT_THAT(drawn, HasSubstr(colors_of(difference().at(1.0F)) + ".\x1b[0m"));
  EXPECT_THAT(drawn, HasSubstr("difference, square-root scale"));
  EXPECT_THAT(drawn, HasSubstr("-0.400   -0.100   0.000    +0.100   +0.400"));
  EXPECT_THAT(draw(picture, ColorMode::plain), HasSubstr("\nvisited -0.400\n. +0.400\nMerkel +0.200\n"));
}

TEST(DrawWords, WrapsToTheTerminalAndKeepsLabelsWithTheirEntities) {
  for (const ColorMode color : {ColorMode::plain, ColorMode::truecolor}) {
    const std::string drawn = draw(paris(), color, 26);
    EXPECT_THAT(lines_of(drawn), testing::Contains(testing::StartsWith("Angela Merkel [PER]")));
    EXPECT_THAT(lines_of(drawn), Not(testing::Contains(testing::StartsWith("["))));
    EXPECT_THAT(lines_of(drawn), Not(testing::Contains(testing::StartsWith(" ["))));
  }
}

TEST(DrawWords, FitsTheTerminalWhateverTheText) {
  WordsPicture picture;
  const std::string kanji = "\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E";
  for (int word = 0; word < 60; ++word) {
    const std::string text = word % 3 == 0   ? kanji
                             : word % 3 == 1 ? std::string(130, 'x')
                                             : "\xD7\x90\xD7\x91";
    const auto begin = static_cast<std::int64_t>(picture.text.size());
    picture.text += text + (word % 2 == 0 ? " " : "");
    picture.words.push_back(
        {{begin, begin + static_cast<std::int64_t>(text.size())}, 0.01 * word, word == 7});
  }
  for (const int columns : {30, 79, 80, 120}) {
    for (const ColorMode color : {ColorMode::colors256, ColorMode::truecolor}) {
      const int widest = width_of(lines_of(draw(picture, color, columns)));
      EXPECT_LE(widest, columns);
      EXPECT_GE(widest, columns - 1);  // a Kanji takes two cells
    }
  }
}

TEST(DrawWords, EscapesWhatComesFromOutside) {
  WordsPicture picture;
  picture.text =
      "a\x1b[2J \xE2\x80\xAE"
      "b\nc";
  picture.words = {{{0, 5}, 0.5, false, "\x1b]0;x\x07", 0}, {{6, 10}, 0.25}};
  const std::string drawn = draw(picture, ColorMode::plain);
  EXPECT_THAT(drawn, HasSubstr("\na\\x1B[2J [\\x1B]0;x\\x07] \\u{202E}b c\n"));
  EXPECT_THAT(drawn, Not(HasSubstr("\x1b")));
}

TEST(DrawWords, IsolatesRightToLeftWords) {
  WordsPicture picture;
  picture.text = "\xD7\x90 a";
  picture.words = {{{0, 2}, 0.5}, {{3, 4}, 0.25}};
  EXPECT_THAT(draw(picture, ColorMode::plain), HasSubstr("\n\xE2\x81\xA8\xD7\x90\xE2\x81\xA9 a\n"));
}

TEST(DrawWords, SaysHowManyWordsTheBarsLeaveOut) {
  WordsPicture picture = paris();
  picture.top = 2;
  EXPECT_THAT(draw(picture, ColorMode::plain), HasSubstr("itself 0.050\n2 more words: up to 0.100 each\n"));
  picture.top = 3;
  EXPECT_THAT(draw(picture, ColorMode::plain), HasSubstr("1 more word: up to 0.000 each\n"));
  picture.top = 4;
  EXPECT_THAT(draw(picture, ColorMode::plain), Not(HasSubstr("more word")));
}

TEST(DrawWords, ATextWithoutWordsIsNoError) {
  WordsPicture picture;
  picture.text = "...";
  EXPECT_EQ(draw(picture, ColorMode::plain), "Paris (LOC)\n...\n");
}

TEST(DrawWords, RefusesSpansThatAreNotInTheText) {
  for (const Span span : {Span{20, 29}, Span{-1, 2}, Span{3, 2}}) {
    WordsPicture picture = paris();
    picture.words = {{span, 0.5}};
    EXPECT_THROW(static_cast<void>(draw(picture, ColorMode::plain)), InvalidArgument);
  }
  WordsPicture picture = paris();
  std::swap(picture.words[0], picture.words[1]);
  EXPECT_THROW(static_cast<void>(draw(picture, ColorMode::plain)), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
