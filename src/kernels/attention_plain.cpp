// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

#include "kernels/kernels.h"

namespace attnscope::kernels {
namespace {

// One row of scores into row[0, num_keys), then softmax over it and zeros behind it.
void weights_plain(const AttentionHead& head, std::int64_t query, float* row) {
  float maximum = -std::numeric_limits<float>::infinity();
  for (std::int64_t key = 0; key < head.num_keys; ++key) {
    double dot = 0.0;
    for (std::int64_t d = 0; d < head.head_dim; ++d)
      dot += static_cast<double>(head.query[query * head.query_stride + d]) *
             head.key[key * head.key_stride + d];
    row[key] = static_cast<float>(dot * head.scaling);
    maximum = std::max(maximum, row[key]);
  }
  double sum = 0.0;
  for (std::int64_t key = 0; key < head.num_keys; ++key)
    sum += std::exp(static_cast<double>(row[key]) - maximum);
  for (std::int64_t key = 0; key < head.num_keys; ++key)
    row[key] = static_cast<float>(std::exp(static_cast<double>(row[key]) - maximum) / sum);
  for (std::int64_t key = head.num_keys; key < head.seq_len; ++key) row[key] = 0.0F;
}

void context_plain(const AttentionHead& head, std::int64_t query, const float* row) {
  for (std::int64_t d = 0; d < head.head_dim; ++d) {
    double sum = 0.0;
    for (std::int64_t key = 0; key < head.num_keys; ++key)
      sum += static_cast<double>(row[key]) * head.value[key * head.value_stride + d];
    head.context[query * head.context_stride + d] = static_cast<float>(sum);
  }
}

/// A row of weights and the numbers it is summed up to.
struct PlainRow {
  const float* weights;
  std::int64_t num_keys;
  std::int64_t position;

  // sum of function(weight, key)
  template <class Function>
  [[nodiscard]] float sum(const Function& function) const {
    double total = 0.0;
    for (std::int64_t key = 0; key < num_keys; ++key)
      total += function(static_cast<double>(weights[key]), key);
    return static_cast<float>(total);
  }
  [[nodiscard]] float at(std::int64_t key) const { return key >= 0 && key < num_keys ? weights[key] : 0.0F; }
  [[nodiscard]] float of(const TokenGroup& group) const {
    const std::int64_t* end = group.tokens + group.count;
    return sum(
        [&](double p, std::int64_t key) { return std::find(group.tokens, end, key) != end ? p : 0.0; });
  }

  [[nodiscard]] float statistic(RowStatistic which, const AttentionOutputs& outputs) const {
    switch (which) {
      case RowStatistic::entropy:
        return entropy_of(weights, num_keys);
      case RowStatistic::max:
        return *std::max_element(weights, weights + num_keys);
      case RowStatistic::distance:
        return sum(
            [&](double p, std::int64_t key) { return p * static_cast<double>(std::abs(position - key)); });
      case RowStatistic::self:
        return at(position);
      case RowStatistic::previous:
        return at(position - 1);
      case RowStatistic::next:
        return at(position + 1);
      case RowStatistic::cls:
        return of(outputs.cls);
      case RowStatistic::sep:
        return of(outputs.sep);
      case RowStatistic::punctuation:
        break;
    }
    return of(outputs.punctuation);
  }
};

void combine_plain(const AttentionOutputs& outputs, const PlainRow& row, std::int64_t seq_len,
                   float* target) {
  for (std::int64_t key = 0; key < row.num_keys; ++key) {
    if (outputs.combine == Combine::store) target[key] = row.weights[key];
    if (outputs.combine == Combine::add) target[key] = (target[key] + row.weights[key]) * outputs.scale;
    if (outputs.combine == Combine::maximum) target[key] = std::max(target[key], row.weights[key]);
  }
  if (outputs.combine == Combine::store) std::fill(target + row.num_keys, target + seq_len, 0.0F);
}

void put_top_plain(const PlainRow& row, const AttentionOutputs& outputs, std::int64_t output_row) {
  for (std::int64_t rank = 0; rank < outputs.num_top; ++rank) {
    std::int64_t* keys = outputs.top_keys + output_row * outputs.num_top;
    std::int64_t best = -1;
    for (std::int64_t key = 0; key < row.num_keys; ++key) {
      const bool taken = std::find(keys, keys + rank, key) != keys + rank;
      if (!taken && (best < 0 || row.weights[key] > row.weights[best])) best = key;
    }
    keys[rank] = best;
    outputs.top_weights[output_row * outputs.num_top + rank] = row.weights[best];
  }
}

bool all_finite(const float* weights, std::int64_t count) {
  return std::all_of(weights, weights + count, [](float weight) { return std::isfinite(weight); });
}

// The row of one query, as put_row of put_row-inl.h.
bool put_row_plain(const float* weights, std::int64_t seq_len, std::int64_t num_keys,
                   const AttentionOutputs& outputs, std::int64_t query) {
  const std::int64_t output_row = outputs.rows != nullptr ? outputs.rows[query] : query;
  if (output_row < 0) return true;
  const PlainRow row{weights, num_keys, outputs.positions != nullptr ? outputs.positions[query] : query};
  if (outputs.weights != nullptr)
    combine_plain(outputs, row, seq_len, outputs.weights + output_row * seq_len);
  for (int which = 0; which < kRowStatistics; ++which)
    if (outputs.statistics[which] != nullptr)
      outputs.statistics[which][output_row] = row.statistic(static_cast<RowStatistic>(which), outputs);
  if (outputs.received != nullptr)
    for (std::int64_t key = 0; key < seq_len; ++key) outputs.received[key] += weights[key];
  put_top_plain(row, outputs, output_row);
  return all_finite(weights, seq_len);
}

}  // namespace

bool AttentionOutputs::any() const {
  const auto wanted = [](const float* statistic) { return statistic != nullptr; };
  return weights != nullptr || received != nullptr || num_top > 0 ||
         std::any_of(std::begin(statistics), std::end(statistics), wanted);
}

float entropy_of(const float* weights, std::int64_t count) {
  double sum = 0.0;
  for (std::int64_t key = 0; key < count; ++key) {
    const auto p = static_cast<double>(weights[key]);
    sum -= p > 0.0 ? p * std::log(p) : 0.0 * p;
  }
  return static_cast<float>(sum);
}

bool put_weights_plain(const float* weights, std::int64_t seq_len, const AttentionOutputs& outputs,
                       std::int64_t first, std::int64_t last) {
  bool finite = true;
  for (std::int64_t query = first; query < last; ++query)
    finite = put_row_plain(weights + query * seq_len, seq_len, seq_len, outputs, query) && finite;
  return finite;
}

bool attention_head_plain(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch) {
  bool finite = true;
  for (std::int64_t query = first; query < last; ++query) {
    weights_plain(head, query, scratch);
    finite = put_row_plain(scratch, head.seq_len, head.num_keys, head.outputs, query) && finite;
    if (head.value != nullptr) context_plain(head, query, scratch);
  }
  return finite;
}

}  // namespace attnscope::kernels
