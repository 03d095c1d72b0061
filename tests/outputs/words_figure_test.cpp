// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/palette.h"
#include "outputs/svg_reading.h"
#include "outputs/svg_writer.h"
#include "outputs/words_lines.h"

namespace attnscope {
namespace {

WordsPicture picture() {
  WordsPicture picture;
  picture.text = "Angela Merkel saw Paris.";
  picture.words = {{.span = {0, 6}, .weight = 0.04, .focus = false, .label = "PER", .entity = 0},
                   {.span = {7, 13}, .weight = 0.16, .focus = false, .label = "", .entity = 0},
                   {.span = {14, 17}, .weight = 0.0625},
                   {.span = {18, 23}, .weight = std::nan(""), .focus = true, .label = "LOC", .entity = 1},
                   {.span = {23, 24}, .weight = 0.0}};
  picture.rest = {{"[CLS] [SEP]", 0.7}};
  picture.measure = "attention from \"Paris\"";
  return picture;
}

TEST(WordsFigure, WordsAreShadedByTheirWeights) {
  FigureOptions options;
  options.theme = FigureTheme::dark;
  const std::string svg = words_figure(picture(), options);
  for (const float part : {0.5F, 1.0F, 0.625F, 0.0F})
    EXPECT_NE(svg.find("rx=\"1.37\" fill=\"" + svg_color(cividis().at(part)) + "\"/>"), std::string::npos)
        << part;
  EXPECT_EQ(count_of(svg, "rx=\"1.37\" fill=\"none\""), 1U);  // the frame of the focus
  for (const char* text : {"Angela", "Merkel", "saw", "Paris", ".", "PER", "LOC", "[CLS] [SEP]"})
    EXPECT_TRUE(has_text(svg, text)) << text;
  for (const char* number : {"0.160", "0.062", "0.040", "0.000", "0.700"})
    EXPECT_TRUE(has_text(svg, number)) << number;
  EXPECT_NE(
      svg.find(
          "Attention from &quot;Paris&quot;, square-root scale from 0 to 0.16, the largest weight drawn."),
      std::string::npos);
}

TEST(WordsFigure, TheLargestComeFirstAndNoMoreThanAskedFor) {
  WordsPicture two = picture();
  two.top = 2;
  const std::string svg = words_figure(two);
  EXPECT_LT(svg.find(">0.160<"), svg.find(">0.062<"));
  EXPECT_FALSE(has_text(svg, "0.040"));
  two.top = 0;
  EXPECT_FALSE(has_text(words_figure(two), "0.160"));
}

TEST(WordsFigure, NegativeWeightsTakeTheSignedScale) {
  WordsPicture change = picture();
  change.words[0].weight = -0.16;
  const std::string svg = words_figure(change);
  EXPECT_NE(svg.find("fill=\"" + svg_color(difference().at(0.0F)) + "\""), std::string::npos);
  EXPECT_TRUE(has_text(svg,
                       "\xE2\x88\x92"
                       "0.160"));
}

TEST(WordsFigure, LinesBreakAtBlanksWithinTheWidth) {
  const WordsLayout layout{10.0, 1.6, 6.0};
  const WordsPicture words = picture();
  const auto pieces = place_words(words, 80.0, layout);
  ASSERT_EQ(pieces.size(), 5U);
  for (const PlacedWord& piece : pieces)
    EXPECT_LE(piece.x + piece.width + piece.label_width, 80.0) << piece.text;
  EXPECT_EQ(pieces[0].line, 0U);
  EXPECT_GT(pieces[3].line, 0U);
  EXPECT_EQ(pieces[1].label, "PER");  // behind the last word of the entity
  EXPECT_TRUE(pieces[0].label.empty());
}

TEST(WordsFigure, TextBetweenTheWordsStays) {
  WordsPicture words = picture();
  words.words.erase(words.words.begin() + 2);
  EXPECT_TRUE(has_text(words_figure(words), "saw"));
}

TEST(WordsFigure, RefusesSpansThatAreNotInTheText) {
  for (const Span span : {Span{18, 25}, Span{17, 17}, Span{12, 15}, Span{-1, 2}}) {
    WordsPicture words = picture();
    words.words[2].span = span;
    EXPECT_THROW(static_cast<void>(words_figure(words)), InvalidArgument) << span.begin;
  }
}

}  // namespace
}  // namespace attnscope
