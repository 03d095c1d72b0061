// SPDX-License-Identifier: Apache-2.0
// Ranking, layers and differences.
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/palette.h"
#include "outputs/svg_reading.h"
#include "outputs/svg_writer.h"

namespace attnscope {
namespace {

TEST(RankingFigure, RowsHaveADotAndTheNumberInTheOrderGiven) {
  const std::string svg = ranking_figure(
      {{"L3 H7", "L0 H1", "L2 H2"}, {2.5, 1.25, std::nan("")}, {"previous", "", "self"}, "entropy (nats)"});
  EXPECT_EQ(count_of(svg, "<circle "), 2U);
  for (const char* text : {"L3 H7", "L0 H1", "L2 H2", "2.500", "1.250", "previous", "self", "entropy (nats)"})
    EXPECT_TRUE(has_text(svg, text)) << text;
  EXPECT_LT(svg.find(">L3 H7<"), svg.find(">L0 H1<"));
}

TEST(RankingFigure, RefusesListsOfUnlikeLength) {
  EXPECT_THROW(static_cast<void>(ranking_figure({{"a"}, {1.0, 2.0}, {}, "x"})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(ranking_figure({{}, {}, {}, "x"})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(ranking_figure({{"a"}, {1.0}, {"n", "m"}, "x"})), InvalidArgument);
}

TEST(LayersFigure, HasAMatrixALayerAndTheirDifferences) {
  LayersPicture picture;
  picture.means =
      Tensor::of({3, 1, 2}, std::vector<float>{1, 0, 0.75F, 0.25F, 0.25F, 0.75F}).reshape({3, 1, 2});
  EXPECT_THROW(static_cast<void>(layers_figure(picture)),
               InvalidArgument);  // no numbers of layers, not square
  picture.means = Tensor::of(
      {3, 2, 2}, std::vector<float>{1, 0, 0, 1, 0.75F, 0.25F, 0.25F, 0.75F, 0.5F, 0.5F, 0.5F, 0.5F});
  picture.layers = {0, 2, 4};
  picture.lines = {{"entropy (nats)", {0.5, std::nan(""), 0.75}}};
  const std::string svg = layers_figure(picture);
  const auto matrices = cells_of(svg, 2, 2);
  ASSERT_EQ(matrices.size(), 5U);  // L0, L2, L2 - L0, L4, L4 - L2
  EXPECT_EQ(matrices[0][0][0], svg_color(cividis().at(1.0F)));
  EXPECT_EQ(matrices[2][0][0], svg_color(difference().at(0.0F)));  // -0.25 of 0.25
  EXPECT_EQ(matrices[2][0][1], svg_color(difference().at(1.0F)));
  for (const char* text :
       {"L0", "L2", "L4", "L2 \xE2\x88\x92 L0", "L4 \xE2\x88\x92 L2", "0.500", "0.750", "entropy (nats)"})
    EXPECT_TRUE(has_text(svg, text)) << text;
  EXPECT_EQ(count_of(svg, "class=\"bar\""), 2U);
}

TEST(DifferenceFigure, HasBothSidesOnOneScaleAndTheDifferenceOnASignedOne) {
  DifferencePicture picture;
  picture.left = Tensor::of({2, 2}, std::vector<float>{1, 0, 0.5F, 0.5F});
  picture.right = Tensor::of({2, 2}, std::vector<float>{0.25F, 0.75F, 0.5F, 0.5F});
  picture.left_labels = {"in", "Paris"};
  picture.right_labels = {"in", "London"};
  const std::string svg = difference_figure(picture);
  const auto matrices = cells_of(svg, 2, 2);
  ASSERT_EQ(matrices.size(), 3U);
  EXPECT_EQ(matrices[0][0][0], svg_color(cividis().at(1.0F)));
  EXPECT_EQ(matrices[1][0][0], svg_color(cividis().at(0.5F)));
  EXPECT_EQ(matrices[2][0][0], svg_color(difference().at(0.0F)));
  EXPECT_EQ(matrices[2][0][1], svg_color(difference().at(1.0F)));
  EXPECT_EQ(matrices[2][1][0], svg_color({255, 255, 255}));
  for (const char* text : {"A", "B", "B \xE2\x88\x92 A", "Paris / London"})
    EXPECT_TRUE(svg.find(text) != std::string::npos) << text;
}

TEST(DifferenceFigure, RefusesSidesOfUnlikeSize) {
  DifferencePicture picture;
  picture.left = Tensor(Shape{2, 2});
  picture.right = Tensor(Shape{3, 3});
  picture.left_labels = picture.right_labels = {"a", "b"};
  EXPECT_THROW(static_cast<void>(difference_figure(picture)), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
