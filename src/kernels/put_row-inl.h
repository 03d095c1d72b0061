// SPDX-License-Identifier: Apache-2.0
// A row of attention weights, just made and still in cache, to where it is wanted. Included once per set.
#if defined(ATTNSCOPE_KERNELS_PUT_ROW_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATTNSCOPE_KERNELS_PUT_ROW_INL_H_
#undef ATTNSCOPE_KERNELS_PUT_ROW_INL_H_
#else
#define ATTNSCOPE_KERNELS_PUT_ROW_INL_H_
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "kernels/kernels.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

/// Weights [num_keys], followed by zeros up to a whole number of vectors.
struct SoftmaxRow {
  const float* weights;
  std::int64_t num_keys;
  float max;      // the largest of them; NaN if any is
  float entropy;  // if wanted
};

// target[i] = function(target[i], weights[i])
template <class Function>
HWY_INLINE void combine_row(const SoftmaxRow& row, float* target, const Function& function) {
  for_each_vector(row.num_keys, target, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    return function(load(target + i, lanes), hn::LoadU(Floats(), row.weights + i));
  });
}

HWY_INLINE void put_weights_row(const SoftmaxRow& row, const AttentionOutputs& outputs, float* target,
                                std::int64_t seq_len) {
  switch (outputs.combine) {
    case Combine::store:
      std::copy(row.weights, row.weights + row.num_keys, target);
      std::fill(target + row.num_keys, target + seq_len, 0.0F);
      return;
    case Combine::add: {
      const Vector scale = set(outputs.scale);
      return combine_row(row, target, [&](Vector there, Vector weights) HWY_ATTR {
        return hn::Mul(hn::Add(there, weights), scale);
      });
    }
    case Combine::maximum:
      return combine_row(row, target, [](Vector there, Vector weights) HWY_ATTR {
        return hn::IfThenElse(hn::Lt(there, weights), weights, there);
      });
  }
}

// sum of p |position - key|
HWY_INLINE float mean_distance(const SoftmaxRow& row, std::int64_t position) {
  Vector key = hn::Iota(Floats(), 0.0F);
  Vector sum = hn::Zero(Floats());
  const Vector query = set(static_cast<float>(position));
  for (std::int64_t i = 0; i < row.num_keys; i += kLanes) {
    sum = hn::MulAdd(hn::LoadU(Floats(), row.weights + i), hn::Abs(hn::Sub(query, key)), sum);
    key = hn::Add(key, set(static_cast<float>(kLanes)));
  }
  return hn::GetLane(hn::SumOfLanes(Floats(), sum));
}

// The largest weights so far, in order.
class TopKeys {
 public:
  HWY_INLINE TopKeys(const AttentionOutputs& outputs, std::int64_t row)
      : weights_(outputs.top_weights + row * outputs.num_top),
        keys_(outputs.top_keys + row * outputs.num_top),
        capacity_(outputs.num_top) {}

  [[nodiscard]] HWY_INLINE bool full() const { return count_ == capacity_; }
  [[nodiscard]] HWY_INLINE float smallest() const { return weights_[capacity_ - 1]; }

  HWY_INLINE void add(float weight, std::int64_t key) {
    if (full() && !(weight > smallest())) return;
    std::int64_t place = full() ? capacity_ - 1 : count_++;
    for (; place > 0 && weight > weights_[place - 1]; --place) {
      weights_[place] = weights_[place - 1];
      keys_[place] = keys_[place - 1];
    }
    weights_[place] = weight;
    keys_[place] = key;
  }

 private:
  float* weights_;
  std::int64_t* keys_;
  std::int64_t capacity_;
  std::int64_t count_ = 0;
};

HWY_INLINE void put_top_keys(const SoftmaxRow& row, const AttentionOutputs& outputs,
                             std::int64_t output_row) {
  TopKeys top(outputs, output_row);
  for (std::int64_t i = 0; i < row.num_keys; i += kLanes) {
    // Most vectors hold nothing that is large enough.
    if (top.full() &&
        hn::AllFalse(Floats(), hn::Gt(hn::LoadU(Floats(), row.weights + i), set(top.smallest()))))
      continue;
    const std::int64_t end = std::min(i + kLanes, row.num_keys);
    for (std::int64_t key = i; key < end; ++key) top.add(row.weights[key], key);
  }
}

HWY_INLINE float weight_at(const SoftmaxRow& row, std::int64_t key) {
  return key >= 0 && key < row.num_keys ? row.weights[key] : 0.0F;
}

HWY_INLINE float weight_of(const SoftmaxRow& row, const TokenGroup& group) {
  float sum = 0.0F;
  for (std::int64_t i = 0; i < group.count; ++i) sum += weight_at(row, group.tokens[i]);
  return sum;
}

HWY_INLINE float statistic(RowStatistic which, const SoftmaxRow& row, const AttentionOutputs& outputs,
                           std::int64_t position) {
  switch (which) {
    case RowStatistic::entropy:
      return row.entropy;
    case RowStatistic::max:
      return row.max;
    case RowStatistic::distance:
      return mean_distance(row, position);
    case RowStatistic::self:
      return weight_at(row, position);
    case RowStatistic::previous:
      return weight_at(row, position - 1);
    case RowStatistic::next:
      return weight_at(row, position + 1);
    case RowStatistic::cls:
      return weight_of(row, outputs.cls);
    case RowStatistic::sep:
      return weight_of(row, outputs.sep);
    case RowStatistic::punctuation:
      break;
  }
  return weight_of(row, outputs.punctuation);
}

// The row of one query. Returns whether its weights are finite.
HWY_INLINE bool put_row(const SoftmaxRow& row, const AttentionOutputs& outputs, std::int64_t query,
                        std::int64_t seq_len) {
  const std::int64_t output_row = outputs.rows != nullptr ? outputs.rows[query] : query;
  if (output_row < 0) return true;
  if (outputs.weights != nullptr)
    put_weights_row(row, outputs, outputs.weights + output_row * seq_len, seq_len);
  const std::int64_t position = outputs.positions != nullptr ? outputs.positions[query] : query;
  for (int which = 0; which < kRowStatistics; ++which)
    if (outputs.statistics[which] != nullptr)
      outputs.statistics[which][output_row] =
          statistic(static_cast<RowStatistic>(which), row, outputs, position);
  if (outputs.received != nullptr)
    combine_row(row, outputs.received,
                [](Vector there, Vector weights) HWY_ATTR { return hn::Add(there, weights); });
  if (outputs.num_top > 0) put_top_keys(row, outputs, output_row);
  return std::isfinite(row.max);
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
