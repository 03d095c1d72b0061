// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope::analysis {

/// A row of numbers that are not negative as shares of their sum; a row of nothing but 0 stays as it is.
template <class Number>
void divide_by_sum(Number* row, std::int64_t count) {
  const double sum = std::accumulate(row, row + count, 0.0);
  if (sum == 0.0) return;
  std::for_each(row, row + count,
                [sum](Number& value) { value = static_cast<Number>(static_cast<double>(value) / sum); });
}

/// Returns: one past the last float that was written.
inline float* put_floats(const double* values, std::int64_t count, float* out) {
  return std::transform(values, values + count, out, [](double value) { return static_cast<float>(value); });
}

/// The shape of a stack of square matrices.
inline Shape shape_of_stack(const Shape& leading, std::int64_t n) {
  std::vector<std::int64_t> sizes(leading.begin(), leading.end());
  sizes.insert(sizes.end(), {n, n});
  return Shape(sizes);
}

}  // namespace attnscope::analysis
