// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "analysis/layer_matrices.h"
#include "analysis/rows.h"
#include "attnscope/analysis.h"
#include "core/poll.h"

namespace attnscope::analysis {
namespace {

// Replaces each matrix by its product with all that lie below it: R_l = M_l R_(l-1).
void multiply_downwards(LayerMatrices& matrices, Poll& poll) {
  const std::int64_t n = matrices.n;
  std::vector<double> products(static_cast<std::size_t>(n * n));
  for (std::int64_t layer = 1; layer < matrices.layers; ++layer) {
    std::fill(products.begin(), products.end(), 0.0);
    poll.check();  // the calling thread may get no row at all
    ParallelPoll parallel_poll(poll);
#pragma omp parallel for schedule(static) if (n >= 64)
    for (std::int64_t query = 0; query < n; ++query) {
      if (!parallel_poll.go_on()) continue;
      const double* factors = matrices.row(layer, query);
      double* product = products.data() + query * n;
      for (std::int64_t middle = 0; middle < n; ++middle) {
        const double* below = matrices.row(layer - 1, middle);
        for (std::int64_t key = 0; key < n; ++key) product[key] += factors[middle] * below[key];
      }
    }
    parallel_poll.rethrow();
    std::copy(products.begin(), products.end(), matrices.row(layer, 0));
  }
}

Tensor to_tensor(const LayerMatrices& matrices) {
  Tensor result({matrices.layers, matrices.n, matrices.n});
  put_floats(matrices.values.data(), result.count(), result.mutable_view().f32());
  return result;
}

}  // namespace

Tensor rollout(const TensorView& weights, const std::function<void()>& poll_function) {
  Poll poll(poll_function);
  LayerMatrices matrices = mean_over_heads(weights, poll);
  add_residual(matrices);
  multiply_downwards(matrices, poll);
  return to_tensor(matrices);
}

Tensor accumulate(const TensorView& contributions, const std::function<void()>& poll_function) {
  Poll poll(poll_function);
  check_tensor(contributions, "contributions", 3, 3, "[layers, n, n]");
  const Matrices given(contributions, "contributions", Values::finite);
  LayerMatrices matrices{given.count(), given.n(), {}};
  for (std::int64_t layer = 0; layer < given.count(); ++layer)
    for (std::int64_t query = 0; query < given.n(); ++query)
      matrices.values.insert(matrices.values.end(), given.row(layer, query),
                             given.row(layer, query) + given.n());
  multiply_downwards(matrices, poll);
  return to_tensor(matrices);
}

}  // namespace attnscope::analysis
