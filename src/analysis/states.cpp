// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/matrices.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

/// Hidden states [states, n, width], each token's vector divided by its length; one of nothing but 0 stays.
struct UnitVectors {
  std::int64_t states;
  std::int64_t n;
  std::int64_t width;
  std::vector<double> values;

  [[nodiscard]] const double* token(std::int64_t state, std::int64_t index) const {
    return values.data() + (state * n + index) * width;
  }
};

double dot(const double* left, const double* right, std::int64_t count) {
  return std::inner_product(left, left + count, right, 0.0);
}

UnitVectors unit_vectors(const TensorView& hidden_states) {
  check_tensor(hidden_states, "hidden_states", 3, 3, "[states, n, width]");
  const Tensor copy = hidden_states.is_contiguous() ? Tensor{} : hidden_states.own();
  const float* floats = copy.empty() ? hidden_states.f32() : copy.f32();
  UnitVectors result{hidden_states.size(0), hidden_states.size(1), hidden_states.size(2), {}};
  result.values.assign(floats, floats + hidden_states.count());
  for (std::int64_t token = 0; token < result.states * result.n; ++token) {
    double* vector = result.values.data() + token * result.width;
    const double length = std::sqrt(dot(vector, vector, result.width));
    if (!std::isfinite(length))
      throw InvalidArgument(problem(ErrorKind::usage, "VALUE", "hidden_states")
                                .at(fmt::format("state {}, token {}", token / result.n, token % result.n))
                                .found("a value is infinite or NaN, expected finite numbers"));
    if (length > 0.0)
      std::for_each(vector, vector + result.width, [length](double& value) { value /= length; });
  }
  return result;
}

}  // namespace

Tensor state_cosines(const TensorView& hidden_states) {
  const UnitVectors vectors = unit_vectors(hidden_states);
  Tensor result({vectors.states, vectors.states});
  float* out = result.mutable_view().f32();
  for (std::int64_t left = 0; left < vectors.states; ++left) {
    for (std::int64_t right = left; right < vectors.states; ++right) {
      // All tokens of a state lie in one piece, so the sum of their cosines is one product.
      const double sum = dot(vectors.token(left, 0), vectors.token(right, 0), vectors.n * vectors.width);
      out[left * vectors.states + right] = out[right * vectors.states + left] =
          static_cast<float>(sum / static_cast<double>(vectors.n));
    }
  }
  return result;
}

Tensor token_cosines(const TensorView& hidden_states) {
  const UnitVectors vectors = unit_vectors(hidden_states);
  const std::int64_t n = vectors.n;
  if (n < 2)
    refuse("SHAPE", "hidden_states", "has shape {}, expected [states, n, width] with at least 2 tokens",
           to_string(hidden_states.shape()));
  Tensor result(Shape{vectors.states});
  float* out = result.mutable_view().f32();
  std::vector<double> sum(static_cast<std::size_t>(vectors.width));
  for (std::int64_t state = 0; state < vectors.states; ++state) {
    std::fill(sum.begin(), sum.end(), 0.0);
    double with_themselves = 0.0;
    for (std::int64_t token = 0; token < n; ++token) {
      const double* vector = vectors.token(state, token);
      std::transform(sum.begin(), sum.end(), vector, sum.begin(), std::plus<>());
      with_themselves += dot(vector, vector, vectors.width);
    }
    // |sum of unit vectors|^2 holds the cosine of every pair twice, and of each token with itself.
    const double twice = dot(sum.data(), sum.data(), vectors.width) - with_themselves;
    out[state] = static_cast<float>(twice / static_cast<double>(n * (n - 1)));
  }
  return result;
}

}  // namespace attnscope::analysis
