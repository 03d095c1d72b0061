// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <omp.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "support/tensors.h"

namespace attnscope::analysis {

/// Rows of a softmax over random scores, the same on every run.
inline Tensor random_weights(const Shape& shape, unsigned seed, double sharpness = 2.0) {
  std::mt19937 generator(seed);
  std::normal_distribution<double> score(0.0, sharpness);
  Tensor weights(shape);
  const std::int64_t n = shape[-1];
  for (float* row = weights.mutable_view().f32(); row != weights.f32() + weights.count(); row += n) {
    std::vector<double> exponentials(static_cast<std::size_t>(n));
    double sum = 0.0;
    for (double& value : exponentials) sum += value = std::exp(score(generator));
    for (std::int64_t key = 0; key < n; ++key)
      row[key] = static_cast<float>(exponentials[static_cast<std::size_t>(key)] / sum);
  }
  return weights;
}

/// Every weight 1/n.
inline Tensor uniform_weights(const Shape& shape) {
  Tensor weights(shape);
  weights.mutable_view().fill(1.0F / static_cast<float>(shape[-1]));
  return weights;
}

/// Every token looks at itself only.
inline Tensor identity_weights(const Shape& shape) {
  Tensor weights(shape);
  const std::int64_t n = shape[-1];
  for (std::int64_t i = 0; i < weights.count(); i += n) weights.mutable_view().f32()[i + i / n % n] = 1.0F;
  return weights;
}

/// The same numbers with queries and keys in each other's place in memory: no row lies in one piece.
struct Transposed {
  explicit Transposed(const Tensor& weights) : memory(weights.shape()) {
    Shape strides = memory.view().strides();
    std::swap(strides[strides.rank() - 1], strides[strides.rank() - 2]);
    view = TensorView(memory.f32(), DType::f32, memory.shape(), strides);
    MutableTensorView(memory.mutable_view().f32(), DType::f32, memory.shape(), strides)
        .copy_from(weights.view());
  }
  Tensor memory;
  TensorView view;
};

/// Sums of the rows of a stack.
inline std::vector<double> row_sums(const Tensor& stack) {
  const std::int64_t n = stack.size(-1);
  std::vector<double> sums;
  for (const float* row = stack.f32(); row != stack.f32() + stack.count(); row += n) {
    double sum = 0.0;
    for (std::int64_t key = 0; key < n; ++key) sum += row[key];
    sums.push_back(sum);
  }
  return sums;
}

inline testing::AssertionResult rows_sum_to_one(const Tensor& stack) {
  for (const double sum : row_sums(stack))
    if (!(std::abs(sum - 1.0) < 1e-5)) return testing::AssertionFailure() << "a row sums to " << sum;
  return testing::AssertionSuccess();
}

inline testing::AssertionResult all_near(const Tensor& values, double expected, double tolerance) {
  for (std::int64_t i = 0; i < values.count(); ++i)
    if (!(std::abs(values.f32()[i] - expected) <= tolerance))
      return testing::AssertionFailure() << values.f32()[i] << " at " << i << ", expected " << expected;
  return testing::AssertionSuccess();
}

/// Expects the same bits from one thread and from several.
template <class Make>
void expect_same_on_all_thread_counts(const Make& make) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const Tensor expected = make();
  for (const int threads : {2, 3, 8}) {
    omp_set_num_threads(threads);
    EXPECT_TRUE(same_bits(make(), expected)) << threads << " threads";
  }
  omp_set_num_threads(before);
}

}  // namespace attnscope::analysis
