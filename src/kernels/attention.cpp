// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/kernels.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/attention.cpp"
// Compiles the rest of this file once per instruction set.
#include "hwy/foreach_target.h"
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

// Scores of a whole number of vectors become exponentials; returns their sum.
HWY_INLINE Vector exponentials(float* scores, std::int64_t count, Vector maximum) {
  Vector sum = hn::Zero(Floats());
  for (std::int64_t i = 0; i < count; i += kLanes) {
    const Vector e = exp_nonpositive(hn::Sub(hn::LoadU(Floats(), scores + i), maximum));
    hn::StoreU(e, Floats(), scores + i);
    sum = hn::Add(sum, e);
  }
  return hn::SumOfLanes(Floats(), sum);
}

// In place over [num_keys] scores, padded.
HWY_INLINE void softmax(float* scores, std::int64_t num_keys) {
  const std::int64_t count = padded(num_keys);
  std::fill(scores + num_keys, scores + count, -std::numeric_limits<float>::infinity());
  const Vector sum = exponentials(scores, count, row_maximum(scores, count));
  const Vector factor = hn::Div(set(1.0F), sum);
  for (std::int64_t i = 0; i < count; i += kLanes)
    hn::StoreU(hn::Mul(hn::LoadU(Floats(), scores + i), factor), Floats(), scores + i);
}

// A row of weights to where it is wanted.
HWY_INLINE void store_row(const AttentionHead& head, const float* weights, std::int64_t query) {
  float* target = head.weights + query * head.seq_len;
  std::copy(weights, weights + head.num_keys, target);
  std::fill(target + head.num_keys, target + head.seq_len, 0.0F);
}

HWY_INLINE void attend(const AttentionHead& head, std::int64_t first, std::int64_t last,
                       const Workspace& workspace) {
  const RowRange rows{0, last - first};
  const Left queries{head.query + first * head.query_stride, head.query_stride};
  multiply_packed(queries, rows, workspace.keys, head.num_keys, head.head_dim,
                  StoreScores{workspace, set(head.scaling)});
  for (std::int64_t row = 0; row < rows.last; ++row) {
    float* weights_row = workspace.weights + row * workspace.weights_stride;
    softmax(weights_row, head.num_keys);
    if (head.weights != nullptr) store_row(head, weights_row, first + row);
  }
  if (head.value == nullptr) return;
  const Left weights{workspace.weights, workspace.weights_stride};
  multiply_packed(weights, rows, workspace.values, head.head_dim, head.num_keys, StoreContext{head, first});
}

void attention_head(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch) {
  if (first >= last) return;
  const Workspace workspace(head, scratch);
  pack_transposed(head.key, head.key_stride, head.num_keys, head.head_dim, 0, head.num_keys, workspace.keys);
  if (head.value != nullptr)
    pack_rows(head.value, head.value_stride, head.num_keys, head.head_dim, workspace.values);
  for (std::int64_t row = first; row < last; row += kBlockRows)
    attend(head, row, std::min(row + kBlockRows, last), workspace);
}

void attention_context(const AttentionHead& head, std::int64_t first, std::int64_t last) {
  multiply_unpacked({head.weights, head.seq_len}, {first, last}, head.value, head.value_stride, head.head_dim,
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
HWY_EXPORT(attention_context);
HWY_EXPORT(attention_scratch_floats);

void attention_head(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(attention_head)(head, first, last, scratch);
}

void attention_context(const AttentionHead& head, std::int64_t first, std::int64_t last) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(attention_context)(head, first, last);
}

std::int64_t attention_scratch_floats(std::int64_t seq_len, std::int64_t head_dim) {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(attention_scratch_floats)(seq_len, head_dim);
}

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

}  // namespace

void attention_head_plain(const AttentionHead& head, std::int64_t first, std::int64_t last, float* scratch) {
  for (std::int64_t query = first; query < last; ++query) {
    float* row = head.weights != nullptr ? head.weights + query * head.seq_len : scratch;
    weights_plain(head, query, row);
    if (head.value != nullptr) context_plain(head, query, row);
  }
}

}  // namespace attnscope::kernels
#endif
