// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "analysis/matrices.h"
#include "analysis/rows.h"
#include "attnscope/analysis.h"
#include "core/poll.h"

namespace attnscope::analysis {
namespace {

// Continuous at 0.
double times_logarithm(double value) { return value > 0.0 ? value * std::log(value) : 0.0; }

// sum p ln p: minus the entropy.
template <class Value>
double negentropy(const Value* row, std::int64_t n) {
  double sum = 0.0;
  for (std::int64_t key = 0; key < n; ++key) sum += times_logarithm(static_cast<double>(row[key]));
  return sum;
}

template <class Value>
double negentropy_of_mean(const Value* left, const Value* right, std::int64_t n) {
  double sum = 0.0;
  for (std::int64_t key = 0; key < n; ++key)
    sum += times_logarithm(0.5 * (static_cast<double>(left[key]) + static_cast<double>(right[key])));
  return sum;
}

// Jensen-Shannon divergence: the entropy of the mean less the mean of the entropies. One logarithm a pair of
// weights, and 0 exactly where rows are equal.
double jensen_shannon(double negentropy_left, double negentropy_right, double negentropy_mean) {
  return std::max(0.0, 0.5 * (negentropy_left + negentropy_right) - negentropy_mean);
}

/// One query's row of every head, smoothed.
class SmoothedRows {
 public:
  explicit SmoothedRows(const Matrices& weights)
      : weights_(weights),
        rows_(static_cast<std::size_t>(weights.count() * weights.n())),
        negentropies_(static_cast<std::size_t>(weights.count())) {}

  void read(std::int64_t query) {
    const std::int64_t n = weights_.n();
    for (std::int64_t head = 0; head < weights_.count(); ++head) {
      double* smoothed = rows_.data() + head * n;
      std::transform(weights_.row(head, query), weights_.row(head, query) + n, smoothed, [n](float weight) {
        return 0.999 * static_cast<double>(weight) + 0.001 / static_cast<double>(n);
      });
      negentropies_[static_cast<std::size_t>(head)] = negentropy(smoothed, n);
    }
  }

  [[nodiscard]] double divergence(std::int64_t left, std::int64_t right) const {
    const std::int64_t n = weights_.n();
    return jensen_shannon(negentropies_[static_cast<std::size_t>(left)],
                          negentropies_[static_cast<std::size_t>(right)],
                          negentropy_of_mean(rows_.data() + left * n, rows_.data() + right * n, n));
  }

 private:
  const Matrices& weights_;
  std::vector<double> rows_;  // [heads of all layers, n]
  std::vector<double> negentropies_;
};

std::size_t checked_count(std::int64_t layers, std::int64_t heads) {
  if (layers < 1 || heads < 1)
    refuse("SHAPE", "layers, heads", "{} and {}, expected 1 or more", layers, heads);
  return static_cast<std::size_t>(layers * heads);
}

}  // namespace

HeadDistances::HeadDistances(std::int64_t layers, std::int64_t heads)
    : layers_(layers), heads_(heads), sums_(checked_count(layers, heads) * checked_count(layers, heads)) {}

void HeadDistances::add(const TensorView& weights, const std::function<void()>& poll_function) {
  const std::int64_t count = layers_ * heads_;
  const Matrices matrices(weights, "weights");
  if (!(matrices.leading() == Shape{layers_, heads_}))
    refuse("SHAPE", "weights", "has shape {}, expected [{}, {}, n, n]", to_string(weights.shape()), layers_,
           heads_);
  SmoothedRows rows(matrices);
  Poll poll(poll_function);
  for (std::int64_t query = 0; query < matrices.n(); ++query) {
    poll.check();
    rows.read(query);
#pragma omp parallel for schedule(dynamic) if (matrices.is_large())
    for (std::int64_t left = 0; left < count; ++left)
      for (std::int64_t right = left + 1; right < count; ++right)
        sums_[static_cast<std::size_t>(left * count + right)] += rows.divergence(left, right);
  }
}

Tensor HeadDistances::matrix() const {
  const std::int64_t count = layers_ * heads_;
  Tensor result({count, count});
  float* out = result.mutable_view().f32();
  for (std::int64_t left = 0; left < count; ++left)
    for (std::int64_t right = left + 1; right < count; ++right)
      out[left * count + right] = out[right * count + left] =
          static_cast<float>(sums_[static_cast<std::size_t>(left * count + right)]);
  return result;
}

Tensor divergence(const TensorView& left, const TensorView& right) {
  const Matrices lefts(left, "left");
  const Matrices rights(right, "right");
  if (!(left.shape() == right.shape()))
    refuse("SHAPE", "right", "has shape {}, expected that of left, {}", to_string(right.shape()),
           to_string(left.shape()));
  Tensor result(lefts.leading());
  float* means = result.mutable_view().f32();
  const std::int64_t n = lefts.n();
#pragma omp parallel for schedule(static) if (lefts.is_large())
  for (std::int64_t matrix = 0; matrix < lefts.count(); ++matrix) {
    double sum = 0.0;
    for (std::int64_t query = 0; query < n; ++query) {
      const float* p = lefts.row(matrix, query);
      const float* q = rights.row(matrix, query);
      sum += jensen_shannon(negentropy(p, n), negentropy(q, n), negentropy_of_mean(p, q, n));
    }
    means[matrix] = static_cast<float>(sum / static_cast<double>(n));
  }
  return result;
}

}  // namespace attnscope::analysis
