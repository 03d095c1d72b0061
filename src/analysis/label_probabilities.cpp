// SPDX-License-Identifier: Apache-2.0
#include "analysis/label_probabilities.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace attnscope::analysis {
namespace {

Probabilities softmax(const TensorView& row) {
  Probabilities values;
  for (std::int64_t label = 0; label < row.size(0); ++label) values.push_back(row.at({label}));
  const float largest = *std::max_element(values.begin(), values.end());
  float sum = 0.0F;
  for (float& value : values) sum += value = std::exp(value - largest);
  for (float& value : values) value /= sum;
  return values;
}

}  // namespace

std::vector<Probabilities> label_probabilities(const TensorView& logits) {
  std::vector<Probabilities> rows;
  for (std::int64_t token = 0; token < logits.size(0); ++token)
    rows.push_back(softmax(logits.select(0, token)));
  return rows;
}

Probabilities mean_probabilities(const std::vector<const Probabilities*>& rows) {
  Probabilities mean(rows.front()->size());
  for (std::size_t label = 0; label < mean.size(); ++label) {
    double sum = 0.0;
    for (const Probabilities* row : rows) sum += static_cast<double>((*row)[label]);
    mean[label] = static_cast<float>(sum / static_cast<double>(rows.size()));
  }
  return mean;
}

std::size_t most_probable(const Probabilities& row) {
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

}  // namespace attnscope::analysis
