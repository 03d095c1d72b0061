// SPDX-License-Identifier: Apache-2.0
#include "viewer/weight_codes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace attnscope {
namespace {

/// A weight times `scale` as an unsigned number; what does not fit becomes the largest that does.
template <class Code>
Code code_of(double value, double scale) {
  constexpr double kLargest = std::numeric_limits<Code>::max();
  return static_cast<Code>(std::min(std::round(scale * value), kLargest));
}

float or_zero(float weight) { return std::isnan(weight) ? 0.0F : std::max(weight, 0.0F); }

/// A view without its last two dimensions' detail: how many matrices it holds.
std::int64_t matrices_of(const TensorView& weights) {
  const std::int64_t n = weights.size(-1);
  return weights.count() / (n * n);
}

void pool_matrix(const float* weights, std::int64_t n, float* cells, std::int64_t size) {
  for (std::int64_t row = 0; row < n; ++row) {
    float* out = cells + row * size / n * size;
    for (std::int64_t column = 0; column < n; ++column) {
      float& cell = out[column * size / n];
      cell = std::max(cell, or_zero(*weights++));
    }
  }
}

}  // namespace

std::vector<std::uint8_t> square_root_bytes(const TensorView& weights) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(weights.count()));
  std::transform(weights.f32(), weights.f32() + weights.count(), bytes.begin(), [](float weight) {
    return code_of<std::uint8_t>(std::sqrt(static_cast<double>(or_zero(weight))), 255.0);
  });
  return bytes;
}

TopWeights top_weights(const TensorView& weights, std::int64_t k) {
  const std::int64_t n = weights.size(-1);
  TopWeights top;
  std::vector<std::uint16_t> order(static_cast<std::size_t>(n));
  for (std::int64_t row = 0; row < weights.count() / n; ++row) {
    const float* values = weights.f32() + row * n;
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    std::partial_sort(order.begin(), order.begin() + k, order.end(), [&](std::uint16_t a, std::uint16_t b) {
      const float left = or_zero(values[a]);
      const float right = or_zero(values[b]);
      return left != right ? left > right : a < b;
    });
    for (std::int64_t place = 0; place < k; ++place) {
      const std::uint16_t key = order[static_cast<std::size_t>(place)];
      top.keys.push_back(key);
      top.weights.push_back(code_of<std::uint16_t>(static_cast<double>(or_zero(values[key])), 10000.0));
    }
  }
  return top;
}

Tensor pool_to(const TensorView& weights, std::int64_t size) {
  const std::int64_t n = weights.size(-1);
  Shape shape = weights.shape();
  shape[-1] = shape[-2] = size;
  Tensor pooled(shape);
  float* cells = pooled.mutable_view().f32();
  for (std::int64_t matrix = 0; matrix < matrices_of(weights); ++matrix)
    pool_matrix(weights.f32() + matrix * n * n, n, cells + matrix * size * size, size);
  return pooled;
}

}  // namespace attnscope
