// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gradients/layer_backward.h"
#include "nn/parallel.h"

namespace attnscope {
namespace {

// y = n * weight + bias with n = (x - mean) / deviation:
// dx = (g - mean(g) - n mean(g n)) / deviation with g = dy * weight.
void row_backward(const float* weight, double eps, const float* x, std::int64_t width, float* gradient) {
  const auto count = static_cast<double>(width);
  double mean = 0.0;
  for (std::int64_t i = 0; i < width; ++i) mean += double{x[i]};
  mean /= count;
  double variance = 0.0;
  for (std::int64_t i = 0; i < width; ++i) variance += (double{x[i]} - mean) * (double{x[i]} - mean);
  const double scale = 1.0 / std::sqrt(variance / count + eps);
  double mean_g = 0.0;
  double mean_gn = 0.0;
  for (std::int64_t i = 0; i < width; ++i) {
    const double g = double{gradient[i]} * double{weight[i]};
    mean_g += g;
    mean_gn += g * (double{x[i]} - mean) * scale;
  }
  mean_g /= count;
  mean_gn /= count;
  for (std::int64_t i = 0; i < width; ++i) {
    const double normal = (double{x[i]} - mean) * scale;
    const double g = double{gradient[i]} * double{weight[i]};
    gradient[i] = static_cast<float>(scale * (g - mean_g - normal * mean_gn));
  }
}

}  // namespace

void layer_norm_backward(const Tensor& weight, double eps, const float* inputs, std::int64_t rows,
                         float* gradient, Poll& poll) {
  const std::int64_t width = weight.count();
  nn::parallel_rows(poll, rows, width, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row)
      row_backward(weight.f32(), eps, inputs + row * width, width, gradient + row * width);
  });
}

}  // namespace attnscope
