// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>

#include "kernels/kernels.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/layer_norm.cpp"
// Compiles the rest of this file once per instruction set.
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

// Mean of term(i, lanes) over [0, width), which must be 0 in lanes beyond `lanes`. Four sums hide the latency
// of the additions and keep their rounding errors small.
template <class Term>
HWY_INLINE Vector mean_of(std::int64_t width, const Term& term) {
  Vector sum[4] = {set(0.0F), set(0.0F), set(0.0F), set(0.0F)};
  std::int64_t i = 0;
  for (; i + 4 * kLanes <= width; i += 4 * kLanes)
    for (int s = 0; s < 4; ++s) sum[s] = hn::Add(sum[s], term(i + s * kLanes, kLanes));
  for (; i + kLanes <= width; i += kLanes) sum[0] = hn::Add(sum[0], term(i, kLanes));
  if (i < width) sum[1] = hn::Add(sum[1], term(i, width - i));
  const Vector total = hn::Add(hn::Add(sum[0], sum[1]), hn::Add(sum[2], sum[3]));
  return hn::Div(hn::SumOfLanes(Floats(), total), set(static_cast<float>(width)));
}

// x - mean in the first `lanes`, 0 behind them.
HWY_INLINE Vector deviation(const float* x, std::int64_t lanes, Vector mean) {
  const auto inside = hn::FirstN(Floats(), static_cast<std::size_t>(lanes));
  return hn::IfThenElseZero(inside, hn::Sub(load(x, lanes), mean));
}

// The mean of the deviations from a first mean takes back most of what that one lost by rounding.
HWY_INLINE Vector exact_mean(const float* x, std::int64_t width) {
  const Vector rough =
      mean_of(width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR { return load(x + i, lanes); });
  const Vector rest = mean_of(
      width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR { return deviation(x + i, lanes, rough); });
  return hn::Add(rough, rest);
}

// output = (x - mean) / sqrt(var + eps) * weight + bias; x may be output. The variance is taken from
// deviations, as the mean of squares would cancel.
HWY_INLINE void normalize(const LayerNorm& norm, const float* x, float* output) {
  const Vector mean = exact_mean(x, norm.width);
  const Vector variance = mean_of(norm.width, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const Vector d = deviation(x + i, lanes, mean);
    return hn::Mul(d, d);
  });
  const Vector factor = hn::Div(set(1.0F), hn::Sqrt(hn::Add(variance, set(norm.eps))));
  for_each_vector(norm.width, output, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    const Vector normal = hn::Mul(hn::Sub(load(x + i, lanes), mean), factor);
    return hn::MulAdd(normal, load(norm.weight + i, lanes), load(norm.bias + i, lanes));
  });
}

void add(const float* a, const float* b, float* output, std::int64_t count) {
  for_each_vector(count, output, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    return hn::Add(load(a + i, lanes), load(b + i, lanes));
  });
}

void layer_norm(const LayerNorm& norm, std::int64_t first, std::int64_t last, float* output) {
  for (std::int64_t row = first; row < last; ++row) {
    const float* x = norm.input + row * norm.width;
    float* target = output + row * norm.width;
    if (norm.residual != nullptr) {
      add(x, norm.residual + row * norm.width, target, norm.width);
      x = target;
    }
    normalize(norm, x, target);
  }
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attnscope::kernels {

HWY_EXPORT(layer_norm);
HWY_EXPORT(add);

void layer_norm(const LayerNorm& norm, std::int64_t first, std::int64_t last, float* output) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(layer_norm)(norm, first, last, output);
}

void add(const float* a, const float* b, float* output, std::int64_t count) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(add)(a, b, output, count);
}

namespace {

void layer_norm_row_plain(const LayerNorm& norm, const float* input, const float* residual, float* output) {
  const auto x = [&](std::int64_t i) {
    return static_cast<double>(residual != nullptr ? input[i] + residual[i] : input[i]);
  };
  const auto width = static_cast<double>(norm.width);
  double mean = 0.0;
  for (std::int64_t i = 0; i < norm.width; ++i) mean += x(i) / width;
  double variance = 0.0;
  for (std::int64_t i = 0; i < norm.width; ++i) variance += (x(i) - mean) * (x(i) - mean) / width;
  const double factor = 1.0 / std::sqrt(variance + static_cast<double>(norm.eps));
  for (std::int64_t i = 0; i < norm.width; ++i)
    output[i] = static_cast<float>((x(i) - mean) * factor * norm.weight[i] + norm.bias[i]);
}

}  // namespace

void layer_norm_plain(const LayerNorm& norm, std::int64_t first, std::int64_t last, float* output) {
  for (std::int64_t row = first; row < last; ++row) {
    const std::int64_t at = row * norm.width;
    layer_norm_row_plain(norm, norm.input + at, norm.residual != nullptr ? norm.residual + at : nullptr,
                         output + at);
  }
}

}  // namespace attnscope::kernels
#endif
