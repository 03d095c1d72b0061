// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/matrices.h"
#include "analysis/symmetric_eigen.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

void check_symmetric(const Matrices& distances) {
  const std::int64_t m = distances.n();
  float largest = 0.0F;
  for (std::int64_t i = 0; i < m; ++i)
    largest = std::max(largest, *std::max_element(distances.row(0, i), distances.row(0, i) + m));
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < i; ++j)
      if (std::abs(distances.row(0, i)[j] - distances.row(0, j)[i]) > 1e-5F * largest)
        refuse("VALUE", "distances", "is not symmetric: {} at [{}, {}], {} at [{}, {}]",
               distances.row(0, i)[j], i, j, distances.row(0, j)[i], j, i);
}

// Inner products of points around their centre: -1/2 J D^2 J with J = I - 1/m.
std::vector<double> centred_products(const Matrices& distances) {
  const std::int64_t m = distances.n();
  std::vector<double> products(static_cast<std::size_t>(m * m));
  std::vector<double> means(static_cast<std::size_t>(m));  // of the rows; of the columns alike
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < m; ++j) {
      const double distance = 0.5 * (static_cast<double>(distances.row(0, i)[j]) + distances.row(0, j)[i]);
      products[static_cast<std::size_t>(i * m + j)] = -0.5 * distance * distance;
      means[static_cast<std::size_t>(i)] -= 0.5 * distance * distance / static_cast<double>(m);
    }
  }
  const double mean = std::accumulate(means.begin(), means.end(), 0.0) / static_cast<double>(m);
  for (std::size_t i = 0; i < means.size(); ++i)
    for (std::size_t j = 0; j < means.size(); ++j)
      products[i * means.size() + j] += mean - means[i] - means[j];
  return products;
}

}  // namespace

Tensor scale_to_plane(const TensorView& distances, std::int64_t dimensions) {
  check_tensor(distances, "distances", 2, 2, "[m, m]");
  const Matrices matrix(distances, "distances");
  const std::int64_t m = matrix.n();
  if (dimensions < 1 || dimensions > m) refuse("RANGE", "dimensions", "{}, expected 1 to {}", dimensions, m);
  check_symmetric(matrix);
  const SymmetricEigen eigen = symmetric_eigen(centred_products(matrix), m);
  Tensor points({m, dimensions});
  float* out = points.mutable_view().f32();
  for (std::int64_t axis = 0; axis < dimensions; ++axis) {
    // Distances that no points have give negative eigenvalues: axes without extent.
    double length = std::sqrt(std::max(0.0, eigen.values[static_cast<std::size_t>(axis)]));
    const auto coordinate = [&](std::int64_t i) {
      return eigen.vectors[static_cast<std::size_t>(i * m + axis)];
    };
    std::int64_t largest = 0;
    for (std::int64_t i = 1; i < m; ++i)
      if (std::abs(coordinate(i)) > std::abs(coordinate(largest))) largest = i;
    if (coordinate(largest) < 0.0) length = -length;
    for (std::int64_t i = 0; i < m; ++i)
      out[i * dimensions + axis] = static_cast<float>(length * coordinate(i));
  }
  return points;
}

}  // namespace attnscope::analysis
