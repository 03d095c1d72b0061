// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/matrices.h"
#include "core/poll.h"

namespace attnscope::analysis {

/// One matrix a layer, in double: [layers, n, n].
struct LayerMatrices {
  std::int64_t layers = 0;
  std::int64_t n = 0;
  std::vector<double> values;

  [[nodiscard]] double* row(std::int64_t layer, std::int64_t query) {
    return values.data() + (layer * n + query) * n;
  }
  [[nodiscard]] const double* row(std::int64_t layer, std::int64_t query) const {
    return values.data() + (layer * n + query) * n;
  }
};

/// The mean over the heads of weights [layers, heads, n, n]; weights [layers, n, n] as they are.
/// Throws:  InvalidArgument (DTYPE, SHAPE, VALUE), and what the poll throws.
[[nodiscard]] LayerMatrices mean_over_heads(const TensorView& weights, Poll& poll);

/// Adds the identity, which stands for the residual connection, and divides the rows by their sum.
void add_residual(LayerMatrices& matrices);

}  // namespace attnscope::analysis
