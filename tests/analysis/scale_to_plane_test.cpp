// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "analysis/symmetric_eigen.h"
#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

// Normally distributed points [m, dimensions].
Tensor random_points(std::int64_t m, std::int64_t dimensions, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> coordinate(1.0F, 2.0F);
  Tensor points({m, dimensions});
  std::generate_n(points.mutable_view().f32(), points.count(), [&] { return coordinate(generator); });
  return points;
}

Tensor distances_of(const Tensor& points) {
  const std::int64_t m = points.size(0);
  Tensor distances({m, m});
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < m; ++j) {
      double sum = 0.0;
      for (std::int64_t axis = 0; axis < points.size(1); ++axis)
        sum += std::pow(static_cast<double>(points.at({i, axis})) - points.at({j, axis}), 2);
      distances.mutable_view().f32()[i * m + j] = static_cast<float>(std::sqrt(sum));
    }
  return distances;
}

TEST(ScaleToPlane, KeepsTheDistancesOfPointsInThePlane) {
  const Tensor distances = distances_of(random_points(40, 2, 1));
  const Tensor found = scale_to_plane(distances.view());
  EXPECT_EQ(to_string(found.shape()), "[40, 2]");
  EXPECT_LT(max_abs_difference(distances_of(found), distances), 1e-4F);
}

TEST(ScaleToPlane, KeepsTheDistancesOfPointsInSpaceOnThreeAxes) {
  const Tensor distances = distances_of(random_points(30, 3, 2));
  EXPECT_LT(max_abs_difference(distances_of(scale_to_plane(distances.view(), 3)), distances), 1e-4F);
  EXPECT_GT(max_abs_difference(distances_of(scale_to_plane(distances.view(), 2)), distances), 0.1F);
}

TEST(ScaleToPlane, PutsTheWidestAxisFirstWithItsFarthestPointOnThePositiveSide) {
  const Tensor distances = distances_of(random_points(25, 2, 3));
  const Tensor points = scale_to_plane(distances.view());
  double squares[2] = {0.0, 0.0};
  for (int axis = 0; axis < 2; ++axis) {
    float farthest = 0.0F;
    for (std::int64_t i = 0; i < 25; ++i) {
      const float coordinate = points.at({i, axis});
      squares[axis] += coordinate * coordinate;
      if (std::abs(coordinate) > std::abs(farthest)) farthest = coordinate;
    }
    EXPECT_GT(farthest, 0.0F);
  }
  EXPECT_GT(squares[0], squares[1]);
}

TEST(ScaleToPlane, OfDistancesThatNoPointsHaveIsStillFinite) {
  // From the middle 1 to each corner, between the corners 10.
  Tensor distances({4, 4});
  for (std::int64_t i = 0; i < 4; ++i)
    for (std::int64_t j = 0; j < 4; ++j)
      if (i != j) distances.mutable_view().f32()[i * 4 + j] = i == 0 || j == 0 ? 1.0F : 10.0F;
  const Tensor points = scale_to_plane(distances.view(), 4);
  for (std::int64_t i = 0; i < points.count(); ++i) EXPECT_TRUE(std::isfinite(points.f32()[i]));
}

TEST(ScaleToPlane, OfOnePointOrOfPointsInOnePlaceIsTheOrigin) {
  const Tensor one({1, 1});
  EXPECT_TRUE(all_near(scale_to_plane(one.view(), 1), 0.0, 0.0));
  const Tensor same({5, 5});
  EXPECT_TRUE(all_near(scale_to_plane(same.view(), 2), 0.0, 0.0));
}

TEST(ScaleToPlane, RefusesWhatAreNoDistances) {
  const Tensor uneven = Tensor::of({2, 2}, std::vector<float>{0, 1, 2, 0});
  EXPECT_THAT(expect_error("VALUE", [&] { static_cast<void>(scale_to_plane(uneven.view())); }).what,
              testing::HasSubstr("is not symmetric: 2 at [1, 0], 1 at [0, 1]"));
  const Tensor even = Tensor::of({2, 2}, std::vector<float>{0, 1, 1, 0});
  expect_error("RANGE", [&] { static_cast<void>(scale_to_plane(even.view(), 0)); });
  expect_error("RANGE", [&] { static_cast<void>(scale_to_plane(even.view(), 3)); });
  const Tensor negative = Tensor::of({2, 2}, std::vector<float>{0, -1, -1, 0});
  expect_error("VALUE", [&] { static_cast<void>(scale_to_plane(negative.view())); });
}

TEST(SymmetricEigen, GivesBackTheMatrix) {
  const std::int64_t m = 50;
  const Tensor random = random_points(m, m, 4);
  std::vector<double> matrix(static_cast<std::size_t>(m * m));
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < m; ++j)
      matrix[static_cast<std::size_t>(i * m + j)] = random.at({std::min(i, j), std::max(i, j)});
  const SymmetricEigen eigen = symmetric_eigen(matrix, m);
  EXPECT_TRUE(std::is_sorted(eigen.values.rbegin(), eigen.values.rend()));
  for (std::size_t i = 0; i < 50; ++i)
    for (std::size_t j = 0; j < 50; ++j) {
      double product = 0.0;
      for (std::size_t k = 0; k < 50; ++k)
        product += eigen.vectors[i * 50 + k] * eigen.values[k] * eigen.vectors[j * 50 + k];
      EXPECT_NEAR(product, matrix[i * 50 + j], 1e-11);
    }
}

}  // namespace
}  // namespace attnscope::analysis
