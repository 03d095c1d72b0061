// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "attnscope/error.h"
#include "outputs/pictures.h"

namespace attnscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Tensor diagonal(std::int64_t tokens) {
  Tensor weights(Shape{tokens, tokens});
  for (std::int64_t token = 0; token < tokens; ++token) {
    weights.mutable_view().f32()[token * tokens + token] = 0.5F;
  }
  return weights;
}

std::vector<std::string> labels(std::int64_t tokens) {
  std::vector<std::string> names;
  for (std::int64_t token = 0; token < tokens; ++token) names.push_back("token" + std::to_string(token));
  return names;
}

std::string draw(std::int64_t tokens, const PictureOptions& options) {
  const Tensor weights = diagonal(tokens);
  return draw_matrix(weights.view(), labels(tokens), "title", options);
}

std::string picture(std::int64_t tokens, ColorMode color) {
  PictureOptions options;
  options.color = color;
  return draw(tokens, options);
}

TEST(DrawMatrix, PlainHasNoEscapeSequences) {
  for (const std::int64_t tokens : {1, 9, 30, 200}) {
    EXPECT_THAT(picture(tokens, ColorMode::plain), Not(HasSubstr("\x1b")));
  }
}

TEST(DrawMatrix, FitsTheTerminalWhateverTheNumberOfTokens) {
  for (const ColorMode color : {ColorMode::plain, ColorMode::colors256, ColorMode::truecolor}) {
    for (const std::int64_t tokens : {1, 2, 9, 13, 29, 30, 31, 62, 64, 200, 512}) {
      SCOPED_TRACE(tokens);
      const auto lines = lines_of(picture(tokens, color));
      EXPECT_LE(lines.size(), 40U);
      EXPECT_LE(width_of(lines), 80);
    }
  }
}

TEST(DrawMatrix, WritesWeightsInFiguresWhereThereIsRoom) {
  EXPECT_THAT(picture(5, ColorMode::plain), HasSubstr("0.500@"));
  EXPECT_THAT(picture(5, ColorMode::truecolor), HasSubstr("0.500"));
}

TEST(DrawMatrix, SaysThatItPooled) {
  EXPECT_THAT(picture(200, ColorMode::truecolor), HasSubstr("200 tokens max-pooled"));
  EXPECT_THAT(picture(9, ColorMode::truecolor), Not(HasSubstr("pooled")));
}

TEST(DrawMatrix, ListsTheStrongestWeightsWhereCellsHaveNoFigures) {
  EXPECT_THAT(picture(100, ColorMode::truecolor), HasSubstr("0.500   0 token0   to   0 token0"));
}

TEST(DrawMatrix, NamesTheTransformBesideTheBar) {
  EXPECT_THAT(picture(9, ColorMode::truecolor), HasSubstr("square-root scale"));
  PictureOptions linear;
  linear.sqrt_scale = false;
  EXPECT_THAT(draw(2, linear), HasSubstr("linear scale"));
}

TEST(DrawMatrix, EscapesWhatComesFromOutside) {
  const Tensor weights = diagonal(1);
  const std::string drawn = draw_matrix(weights.view(), {"\x1b[2J"}, "\x1b]0;x\x07", {});
  EXPECT_THAT(drawn, Not(HasSubstr("\x1b")));
  EXPECT_THAT(drawn, Not(HasSubstr("\x07")));
}

TEST(DrawMatrix, RefusesLabelsThatDoNotFitTheWeights) {
  const Tensor weights = diagonal(3);
  EXPECT_THROW(static_cast<void>(draw_matrix(weights.view(), labels(2), "t", {})), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
