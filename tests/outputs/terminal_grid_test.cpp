// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <numeric>

#include "attnscope/error.h"
#include "outputs/pictures.h"

namespace attnscope {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::int64_t> first(std::int64_t count) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::string grid(std::int64_t layers, std::int64_t heads, std::int64_t tokens,
                 const PictureOptions& options) {
  Tensor weights(Shape{layers, heads, tokens, tokens});
  weights.mutable_view().fill(0.25F);
  return draw_grid(weights.view(), first(layers), first(heads), "title", options);
}

PictureOptions terminal(int columns, int rows, ColorMode color) {
  PictureOptions options;
  options.columns = columns;
  options.max_rows = rows;
  options.color = color;
  return options;
}

TEST(DrawGrid, SixLayersOfTwelveHeadsFitAnOrdinaryTerminal) {
  const auto lines = lines_of(grid(6, 12, 9, terminal(80, 24, ColorMode::truecolor)));
  EXPECT_LE(lines.size(), 23U);  // and the prompt
  EXPECT_LE(width_of(lines), 80);
  EXPECT_GT(width_of(lines), 60);
}

TEST(DrawGrid, FillsALargerTerminal) {
  const auto small = lines_of(grid(6, 12, 64, terminal(80, 24, ColorMode::truecolor)));
  const auto large = lines_of(grid(6, 12, 64, terminal(160, 60, ColorMode::truecolor)));
  EXPECT_GT(large.size(), small.size());
  EXPECT_LE(width_of(large), 160);
}

TEST(DrawGrid, SaysWhichHeadsItLeavesOut) {
  EXPECT_THAT(grid(2, 64, 5, terminal(80, 24, ColorMode::truecolor)), HasSubstr("the first 38 shown"));
}

TEST(DrawGrid, PlainHasFiguresAndNoEscapeSequences) {
  const std::string drawn = grid(6, 12, 9, terminal(80, 40, ColorMode::plain));
  EXPECT_THAT(drawn, HasSubstr("0.250 0.250"));
  EXPECT_THAT(drawn, Not(HasSubstr("\x1b")));
  EXPECT_LE(width_of(lines_of(drawn)), 80);
}

TEST(DrawGrid, RefusesNumbersThatDoNotFitTheWeights) {
  const Tensor weights(Shape{2, 2, 3, 3});
  EXPECT_THROW(static_cast<void>(draw_grid(weights.view(), first(2), first(3), "t", {})), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
