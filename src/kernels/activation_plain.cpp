// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "kernels/kernels.h"

namespace attnscope::kernels {
namespace {

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }
double gelu(double x) { return x * normal_distribution(x); }
double relu(double x) { return x < 0.0 ? 0.0 : x; }
double relu6(double x) { return relu(x) > 6.0 ? 6.0 : relu(x); }
double softplus(double x) { return x > 20.0 ? x : std::log1p(std::exp(x)); }

double gelu_10(double x) {
  const double y = gelu(x);
  return y > 10.0 ? 10.0 : y;  // gelu is above -0.17
}

double gelu_tanh(double x) {
  return x * sigmoid(2.0 * std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x));
}

double value_of(Activation activation, double x) {
  switch (activation) {
    case Activation::gelu:
      return gelu(x);
    case Activation::gelu_10:
      return gelu_10(x);
    case Activation::gelu_tanh:
      return gelu_tanh(x);
    case Activation::quick_gelu:
      return x * sigmoid(1.702 * x);
    case Activation::relu:
      return relu(x);
    case Activation::relu2:
      return relu(x) * relu(x);
    case Activation::relu6:
      return relu6(x);
    case Activation::leaky_relu:
      return x < 0.0 ? 0.01 * x : x;
    case Activation::hardswish:
      return x * relu6(x + 3.0) / 6.0;
    case Activation::silu:
      return x * sigmoid(x);
    case Activation::sigmoid:
      return sigmoid(x);
    case Activation::tanh:
      return std::tanh(x);
    case Activation::mish:
      return x * std::tanh(softplus(x));
    case Activation::laplace:
      return normal_distribution((x - 0.707107) / 0.282095);
    case Activation::sqrtsoftplus:
      return std::sqrt(softplus(x));
    case Activation::linear:
      return x;
  }
  return x;
}

double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi); }

// Of x sigmoid(u).
double gated_slope(double x, double u, double du) {
  const double s = sigmoid(u);
  return s + x * s * (1.0 - s) * du;
}

double gelu_tanh_slope(double x) {
  const double factor = 2.0 * std::sqrt(2.0 / std::numbers::pi);
  return gated_slope(x, factor * (x + 0.044715 * x * x * x), factor * (1.0 + 0.134145 * x * x));
}

double mish_slope(double x) {
  const double t = std::tanh(softplus(x));
  return t + x * (1.0 - t * t) * (x > 20.0 ? 1.0 : sigmoid(x));
}

double hardswish_slope(double x) {
  if (x <= -3.0) return 0.0;
  return x > 3.0 ? 1.0 : x / 3.0 + 0.5;
}

double slope_of(Activation activation, double x) {
  switch (activation) {
    case Activation::gelu:
      return normal_distribution(x) + x * density(x);
    case Activation::gelu_10:
      return gelu(x) > 10.0 ? 0.0 : normal_distribution(x) + x * density(x);
    case Activation::gelu_tanh:
      return gelu_tanh_slope(x);
    case Activation::quick_gelu:
      return gated_slope(x, 1.702 * x, 1.702);
    case Activation::relu:
      return x > 0.0 ? 1.0 : 0.0;
    case Activation::relu2:
      return 2.0 * relu(x);
    case Activation::relu6:
      return x > 0.0 && x < 6.0 ? 1.0 : 0.0;
    case Activation::leaky_relu:
      return x > 0.0 ? 1.0 : 0.01;
    case Activation::hardswish:
      return hardswish_slope(x);
    case Activation::silu:
      return gated_slope(x, x, 1.0);
    case Activation::sigmoid:
      return sigmoid(x) * (1.0 - sigmoid(x));
    case Activation::tanh:
      return 1.0 - std::tanh(x) * std::tanh(x);
    case Activation::mish:
      return mish_slope(x);
    case Activation::laplace:
      return density((x - 0.707107) / 0.282095) / 0.282095;
    case Activation::sqrtsoftplus:
      return (x > 20.0 ? 1.0 : sigmoid(x)) / (2.0 * std::sqrt(softplus(x)));
    case Activation::linear:
      return 1.0;
  }
  return 1.0;
}

}  // namespace

void activate_plain(Activation activation, float* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(value_of(activation, static_cast<double>(values[i])));
}

void activation_backward_plain(Activation activation, const float* inputs, float* gradients,
                               std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    gradients[i] = static_cast<float>(double{gradients[i]} * slope_of(activation, double{inputs[i]}));
}

}  // namespace attnscope::kernels
