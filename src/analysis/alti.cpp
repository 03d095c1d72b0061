// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "analysis/attention_block.h"
#include "analysis/for_each_row.h"
#include "analysis/rows.h"

namespace attnscope::analysis {
namespace {

/// The layer norm's linear part of f^h(x_j) and x_j of every key: [n, heads + 1, width].
std::vector<float> centered_vectors(const BlockVectors& vectors, const std::function<void()>& poll) {
  const std::int64_t width = vectors.width();
  const std::int64_t size = (vectors.heads() + 1) * width;  // of one key
  std::vector<float> result(static_cast<std::size_t>(vectors.tokens() * size));
  auto scratch = thread_scratch(size);
  for_each_row(vectors.tokens(), poll, [&](std::int64_t key) {
    double* values = own(scratch);
    vectors.transform(key, values);
    vectors.input(key, values + vectors.heads() * width);
    for (std::int64_t i = 0; i <= vectors.heads(); ++i) vectors.center(values + i * width);
    std::transform(values, values + size, result.begin() + key * size,
                   [](double value) { return static_cast<float>(value); });
  });
  return result;
}

void add_scaled(const float* values, double scale, std::int64_t count, double* sum) {
#pragma omp simd
  for (std::int64_t d = 0; d < count; ++d) sum[d] += scale * static_cast<double>(values[d]);
}

double manhattan_norm(const float* values, std::int64_t count) {
  double sum = 0.0;
  for (std::int64_t d = 0; d < count; ++d) sum += std::abs(static_cast<double>(values[d]));
  return sum;
}

// ||y - scale * t||_1
double manhattan_distance(const float* y, const double* t, double scale, std::int64_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t d = 0; d < count; ++d) sum += std::abs(static_cast<double>(y[d]) - scale * t[d]);
  return sum;
}

}  // namespace

Tensor alti(const AttentionBlock& block, const std::function<void()>& poll) {
  const BlockVectors vectors(block);
  const std::int64_t n = vectors.tokens();
  const std::int64_t heads = vectors.heads();
  const std::int64_t width = vectors.width();
  const std::vector<float> centered = centered_vectors(vectors, poll);
  const std::vector<double> scales = vectors.inverse_deviations(poll);
  Tensor result({n, n});
  float* contributions = result.mutable_view().f32();
  auto scratch = thread_scratch(width);
  for_each_row(n, poll, [&](std::int64_t query) {
    const float* output = block.outputs.f32() + query * width;
    const double length = manhattan_norm(output, width);
    float* row = contributions + query * n;
    double* sum = own(scratch);
    for (std::int64_t key = 0; key < n; ++key) {
      const float* of_key = centered.data() + key * (heads + 1) * width;
      std::fill_n(sum, width, 0.0);
      for (std::int64_t head = 0; head < heads; ++head)
        add_scaled(of_key + head * width, static_cast<double>(vectors.weight(head, query, key)), width, sum);
      if (key == query) add_scaled(of_key + heads * width, 1.0, width, sum);
      const double scale = scales[static_cast<std::size_t>(query)];
      row[key] = static_cast<float>(std::max(0.0, length - manhattan_distance(output, sum, scale, width)));
    }
    divide_by_sum(row, n);
  });
  return result;
}

}  // namespace attnscope::analysis
