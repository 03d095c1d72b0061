// SPDX-License-Identifier: Apache-2.0
#include "outputs/figure_scale.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attnscope {
namespace {

FigureScale scale_of(const std::vector<float>& weights,
                     FigureTransform transform = FigureTransform::square_root,
                     FigureRange range = FigureRange::maximum) {
  FigureOptions options;
  options.transform = transform;
  options.range = range;
  const Tensor tensor = Tensor::of({static_cast<std::int64_t>(weights.size())}, weights);
  return FigureScale(options, {tensor.view()}, cividis());
}

TEST(FigureScale, TopIsTheLargestOneOrAPercentile) {
  std::vector<float> weights;
  for (int weight = 1; weight <= 200; ++weight) weights.push_back(static_cast<float>(weight));
  EXPECT_EQ(scale_of(weights).top(), 200.0);
  EXPECT_EQ(scale_of(weights, FigureTransform::linear, FigureRange::unit).top(), 1.0);
  EXPECT_EQ(scale_of(weights, FigureTransform::linear, FigureRange::percentile_99).top(), 198.0);
  EXPECT_EQ(scale_of({7.0F}, FigureTransform::linear, FigureRange::percentile_99).top(), 7.0);
}

TEST(FigureScale, FractionsFollowTheTransform) {
  EXPECT_DOUBLE_EQ(scale_of({4.0F}).fraction(1.0), 0.5);
  EXPECT_DOUBLE_EQ(scale_of({4.0F}, FigureTransform::linear).fraction(1.0), 0.25);
  EXPECT_DOUBLE_EQ(scale_of({1.0F}, FigureTransform::logarithm).fraction(0.01), 0.5);
  EXPECT_DOUBLE_EQ(scale_of({1.0F}, FigureTransform::logarithm).fraction(1e-9), 0.0);
  EXPECT_DOUBLE_EQ(scale_of({4.0F}).fraction(9.0), 1.0);
  EXPECT_DOUBLE_EQ(scale_of({4.0F, -1.0F}).fraction(-1.0), 0.25);
  EXPECT_DOUBLE_EQ(scale_of({0.0F}).fraction(0.0), 0.0);
}

TEST(FigureScale, TicksAreRoundApartAndAtTheirPlaces) {
  for (const FigureTransform transform :
       {FigureTransform::square_root, FigureTransform::linear, FigureTransform::logarithm}) {
    for (const bool is_signed : {false, true}) {
      const FigureScale scale = scale_of({0.982F, is_signed ? -0.1F : 0.1F}, transform);
      const std::vector<Tick> ticks = scale.ticks(0.12);
      EXPECT_GE(ticks.size(), 4U);
      EXPECT_DOUBLE_EQ(ticks.front().fraction, 0.0);
      EXPECT_DOUBLE_EQ(ticks.back().fraction, 1.0);
      EXPECT_EQ(ticks.back().label, "0.982");
      for (std::size_t tick = 1; tick + 1 < ticks.size(); ++tick) {
        EXPECT_GE(ticks[tick].fraction - ticks[tick - 1].fraction, 0.12 - 1e-9);
        const std::string& label = ticks[tick].label;
        const double number = label.starts_with("\xE2") ? -std::stod(label.substr(3)) : std::stod(label);
        EXPECT_NEAR(scale.fraction(number), ticks[tick].fraction, 1e-9);
      }
    }
  }
}

TEST(FigureScale, SaysTransformAndRange) {
  EXPECT_EQ(scale_of({0.5F}).sentence(), "square-root scale from 0 to 0.5, the largest weight drawn");
  EXPECT_EQ(scale_of({0.5F}, FigureTransform::logarithm, FigureRange::unit).sentence(),
            "logarithmic scale from 0 to 1 (below 1.0e-04 as that)");
  EXPECT_EQ(scale_of({0.5F, -1.0F}, FigureTransform::linear).sentence(),
            "linear scale from \xE2\x88\x92"
            "1 to 1, the largest size drawn");
}

}  // namespace
}  // namespace attnscope
