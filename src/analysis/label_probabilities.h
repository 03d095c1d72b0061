// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope::analysis {

/// One row of a classifier's probabilities.
using Probabilities = std::vector<float>;

/// Softmax of each row, in fp32 as numpy takes it.
/// Shapes:  logits [n, labels].  Returns: n rows.
[[nodiscard]] std::vector<Probabilities> label_probabilities(const TensorView& logits);

/// Mean of several rows.
[[nodiscard]] Probabilities mean_probabilities(const std::vector<const Probabilities*>& rows);

/// The first of the largest.
[[nodiscard]] std::size_t most_probable(const Probabilities& row);

}  // namespace attnscope::analysis
