// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "attnscope/error.h"
#include "attnscope/figures.h"
#include "outputs/palette.h"
#include "outputs/svg_reading.h"
#include "outputs/svg_writer.h"

namespace attnscope {
namespace {

/// Every weight another: no runs of one colour.
Tensor speckled(const Shape& shape) {
  Tensor tensor(shape);
  std::uint32_t state = 1;
  for (std::int64_t index = 0; index < tensor.count(); ++index) {
    state = state * 1664525U + 1013904223U;
    tensor.mutable_view().f32()[index] = static_cast<float>(state >> 8U) / 16777216.0F;
  }
  return tensor;
}

TEST(GridFigure, HasAMatrixForEachHeadUnderItsNumbers) {
  const Tensor weights = Tensor::of({1, 2, 2, 2}, std::vector<float>{1, 0, 0, 1, 0, 0.25F, 0.25F, 0});
  const std::string svg = grid_figure(weights.view(), {3}, {5, 11});
  const auto matrices = cells_of(svg, 2, 2);
  ASSERT_EQ(matrices.size(), 2U);
  EXPECT_EQ(matrices[0][0][0], svg_color(cividis().at(1.0F)));
  EXPECT_EQ(matrices[0][0][1], svg_color(cividis().at(0.0F)));
  EXPECT_EQ(matrices[1][0][1], svg_color(cividis().at(0.5F)));
  for (const char* text : {"L3", "H5", "H11"}) EXPECT_TRUE(has_text(svg, text)) << text;
  EXPECT_EQ(svg.find("ax-pooled"), std::string::npos);
}

TEST(GridFigure, StaysBelowThreeMegabytes) {
  const Tensor weights = speckled({6, 12, 64, 64});
  for (const double width : {84.0, 174.0, 400.0}) {
    FigureOptions options;
    options.width_mm = width;
    const std::string svg =
        grid_figure(weights.view(), {0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, options);
    EXPECT_LT(svg.size(), 3'000'000U) << width;
    EXPECT_EQ(count_of(svg, "class=\"cells\""), 72U);
    EXPECT_NE(svg.find("Max-pooled from 64 x 64 to "), std::string::npos);
  }
}

TEST(GridFigure, RefusesOtherShapes) {
  const Tensor weights(Shape{1, 2, 3, 3});
  EXPECT_THROW(static_cast<void>(grid_figure(weights.view(), {0}, {0}, {})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(grid_figure(weights.view(), {0, 1}, {0, 1}, {})), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
