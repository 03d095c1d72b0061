// SPDX-License-Identifier: Apache-2.0
#include "analysis/layer_matrices.h"

#include "analysis/rows.h"

namespace attnscope::analysis {

LayerMatrices mean_over_heads(const TensorView& weights, Poll& poll) {
  check_tensor(weights, "weights", 3, 4, "[layers, heads, n, n] or [layers, n, n]");
  const Matrices matrices(weights, "weights");
  const std::int64_t layers = weights.size(0);
  const std::int64_t heads = matrices.count() / layers;
  const std::int64_t n = matrices.n();
  LayerMatrices means{layers, n, std::vector<double>(static_cast<std::size_t>(layers * n * n))};
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    poll.check();
    for (std::int64_t query = 0; query < n; ++query) {
      double* mean = means.row(layer, query);
      for (std::int64_t head = 0; head < heads; ++head) {
        const float* row = matrices.row(layer * heads + head, query);
        for (std::int64_t key = 0; key < n; ++key) mean[key] += row[key];
      }
      for (std::int64_t key = 0; key < n; ++key) mean[key] /= static_cast<double>(heads);
    }
  }
  return means;
}

void add_residual(LayerMatrices& matrices) {
  for (std::int64_t layer = 0; layer < matrices.layers; ++layer) {
    for (std::int64_t query = 0; query < matrices.n; ++query) {
      double* row = matrices.row(layer, query);
      row[query] += 1.0;
      divide_by_sum(row, matrices.n);
    }
  }
}

}  // namespace attnscope::analysis
