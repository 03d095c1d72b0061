// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "kernels/kernels.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cpp"
// Compiles the rest of this file once per instruction set.
#include "hwy/foreach_target.h"
#include "kernels/put_row-inl.h"
#include "kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

// Query rows that share one pass over the packed keys and values.
constexpr std::int64_t kBlockRows = 16;

// Keys and values of the head, packed, and a block of rows of weights, padded to whole vectors.
struct Workspace {
  Workspace(const AttentionHead& head, float* scratch)
      : weights_stride(padded(head.num_keys)),
        keys(scratch),
        values(keys + padded(head.num_keys) * head.head_dim),
        weights(values + padded(head.head_dim) * head.num_keys) {}

  std::int64_t weights_stride;
  float* keys;
  float* values;
  float* weights;
};

struct StoreScores {
  const Workspace& workspace;
  Vector scaling;
  HWY_INLINE void operator()(std::int64_t row, std::int64_t column, Vector sum) const {
    hn::StoreU(hn::Mul(sum, scaling), Floats(), workspace.weights + row * workspace.weights_stride + column);
  }
};

struct StoreContext {
  const AttentionHead& head;
  std::int64_t first;  // row 0 of the product
  HWY_INLINE void operator()(std::int64_t row, std::int64_t column, Vector sum) const {
    float* target = head.context + (first + row) * head.context_stride + column;
    if (column + kLanes <= head.head_dim) return hn::StoreU(sum, Floats(), target);
    store_first(sum, target, head.head_dim - column);
  }
};

HWY_INLINE Vector row_maximum(const float* scores, std::int64_t count) {
  Vector maximum = hn::LoadU(Floats(), scores);
  for (std::int64_t i = kLanes; i < count; i += kLanes)
    maximum = hn::Max(maximum, hn::LoadU(Floats(), scores + i));
  return hn::MaxOfLanes(Floats(), maximum);
}

// Sums over a row: of e = e^d and of d e, where d is the score less the largest one.
struct RowSums {
  Vector exponentials;
  Vector products;
};

// Scores of a whole number of vectors become exponentials. d is kept off -infinity, which the padding has:
// times 0 it would give NaN.
template <bool kProducts>
HWY_INLINE RowSums exponentials(float* scores, std::int64_t count, Vector maximum) {
  RowSums sums{hn::Zero(Floats()), hn::Zero(Floats())};
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const Vector difference = hn::Sub(hn::LoadU(Floats(), scores + i), maximum);
    const Vector e = exp_nonpositive(difference);
    hn::StoreU(e, Floats(), scores + i);
    sums.exponentials = hn::Add(sums.exponentials, e);
    if constexpr (kProducts) sums.products = hn::MulAdd(at_least(difference, set(-100.0F)), e, sums.products);
  }
  return {hn::SumOfLanes(Floats(), sums.exponentials), hn::SumOfLanes(Floats(), sums.products)};
}

// Softmax in place over [num_keys] scores, padded.
template <bool kEntropy>
HWY_INLINE SoftmaxRow softmax(float* scores, std::int64_t num_keys) {
  const std::int64_t count = padded(num_keys);
  std::fill(scores + num_keys, scores + count, -std::numeric_limits<float>::infinity());
  const RowSums sums = exponentials<kEntropy>(scores, count, row_maximum(scores, count));
  const Vector factor = hn::Div(set(1.0F), sums.exponentials);
  for (std::int64_t i = 0; i < count; i += kLanes)
    hn::StoreU(hn::Mul(hn::LoadU(Floats(), scores + i), factor), Floats(), scores + i);
  SoftmaxRow row{scores, num_keys, hn::GetLane(factor), 0.0F};
  // -sum p ln p = ln Z - sum d e / Z, with p = e / Z.
  if constexpr (kEntropy) {
    const float z = hn::GetLane(sums.exponentials);
    row.entropy = std::max(0.0F, std::log(z) - hn::GetLane(sums.products) * row.max);
  }
  return row;
}

HWY_INLINE bool attend(const AttentionHead& head, std::int64_t first, std::int64_t last,
                       const Workspace& workspace) {
  const RowRange rows{0, last - first};
  const Left queries{head.query + first * head.query_stride, head.query_stride};
  multiply_packed(queries, rows, workspace.keys, head.num_keys, head.head_dim,
                  StoreScores{workspace, set(head.scaling)});
  const bool wants_entropy = head.outputs.statistics[static_cast<int>(RowStatistic::entropy)] != nullptr;
  bool finite = true;
  for (std::int64_t row = 0; row < rows.last; ++row) {
    float* weights_row = workspace.weights + row * workspace.weights_stride;
    const SoftmaxRow weights = wants_entropy ? softmax<true>(weights_row, head.num_keys)
                                             : softmax<false>(weights_row, head.num_keys);
    finite = put_row(weights, head.outputs, first + row, head.seq_len) && finite;
  }
  if (head.value == nullptr) return finite;
  const Left weights{workspace.weights, workspace.weights_stride};
  multiply_packed(weights, rows, workspace.values, head.head_dim, head.num_keys, StoreContext{head, first});
  return finite;
}

bool attention_head(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch) {
  if (first >= last) return true;
  const Workspace workspace(head, scratch);
  pack_transposed(head.key, head.key_stride, head.num_keys, head.head_dim, 0, head.num_keys, workspace.keys);
  if (head.value != nullptr)
    pack_rows(head.value, head.value_stride, head.num_keys, head.head_dim, workspace.values);
  bool finite = true;
  for (std::int64_t row = first; row < last; row += kBlockRows)
    finite = attend(head, row, std::min(row + kBlockRows, last), workspace) && finite;
  return finite;
}

bool put_weights(const float* weights, std::int64_t seq_len, const AttentionOutputs& outputs,
                 std::int64_t first, std::int64_t last, float* scratch) {
  const bool wants_entropy = outputs.statistics[static_cast<int>(RowStatistic::entropy)] != nullptr;
  bool finite = true;
  for (std::int64_t query = first; query < last; ++query) {
    const float* row = weights + query * seq_len;
    std::copy(row, row + seq_len, scratch);
    std::fill(scratch + seq_len, scratch + padded(seq_len), 0.0F);
    const float max = std::accumulate(row, row + seq_len, 0.0F, [](float a, float b) {
      return std::isfinite(a) && (b > a || !std::isfinite(b)) ? b : a;
    });
    const SoftmaxRow weights_row{scratch, seq_len, max, wants_entropy ? entropy_of(row, seq_len) : 0.0F};
    finite = put_row(weights_row, outputs, query, seq_len) && finite;
  }
  return finite;
}

void attention_context(const AttentionHead& head, const float* weights, std::int64_t first,
                       std::int64_t last) {
  multiply_unpacked({weights, head.seq_len}, {first, last}, head.value, head.value_stride, head.head_dim,
                    head.num_keys, StoreContext{head, 0});
}

std::int64_t attention_scratch_floats(std::int64_t seq_len, std::int64_t head_dim) {
  return padded(seq_len) * (head_dim + kBlockRows) + padded(head_dim) * seq_len;
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attnscope::kernels {

HWY_EXPORT(attention_head);
HWY_EXPORT(put_weights);
HWY_EXPORT(attention_context);
HWY_EXPORT(attention_scratch_floats);

bool attention_head(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch) {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(attention_head)(head, first, last, scratch);
}

bool put_weights(const float* weights, std::int64_t seq_len, const AttentionOutputs& outputs,
                 std::int64_t first, std::int64_t last, float* scratch) {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(put_weights)(weights, seq_len, outputs, first, last, scratch);
}

void attention_context(const AttentionHead& head, const float* weights, std::int64_t first,
                       std::int64_t last) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(attention_context)(head, weights, first, last);
}

std::int64_t attention_scratch_floats(std::int64_t seq_len, std::int64_t head_dim) {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(attention_scratch_floats)(seq_len, head_dim);
}

}  // namespace attnscope::kernels
#endif
