// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "nn/attention_work.h"
#include "nn/module.h"

namespace attnscope::nn {

/// The softmax itself, the leaf `attn` that Hugging Face does not have: (query, key, value), each
/// [n, heads, head_dim], to (weights [heads, n, n], context [n, heads, head_dim]).
///
/// Weights are made whole only where a hook sees them; else the kernel puts what is wanted of them where it
/// belongs. The context has the same bits either way. A hook that replaces the weights and not the context
/// gets the context of its weights. Unattended tokens are queries and no keys: their columns are 0.
class Attention : public Module {
 public:
  /// `scope` is that of the attention module the leaf belongs to.
  Attention(const Scope& scope, std::int64_t layer, std::int64_t num_heads, std::int64_t head_dim);

  /// A module whose output shows the weights: a hook on it needs them made.
  void shown_by(const Module& owner) { owners_.push_back(&owner); }
  [[nodiscard]] std::int64_t layer() const { return layer_; }
  [[nodiscard]] std::int64_t num_heads() const { return num_heads_; }
  [[nodiscard]] std::int64_t head_dim() const { return head_dim_; }
  /// Whether a hook sees the weights.
  [[nodiscard]] bool shows_weights(const Execution& run) const;

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  void mend(Values& outputs, const Values& inputs, std::size_t replaced, Execution& run) const override;
  /// Puts what is wanted of the heads and rows of the plan where it belongs, and nothing else. `query` holds
  /// the rows of the plan only; columns of other heads are not read.
  void forward_wanted(const Value& query, const Value& key, Execution& run) const;
  /// The context of one query a text, and nothing else: query [texts, width] to [texts, width].
  [[nodiscard]] Value forward_pooled(const Value& query, const Value& key, const Value& value,
                                     Execution& run) const;

 private:
  struct Job;
  void compute(const Job& job, Execution& run) const;
  void add_sums(const AttentionList& list, const float* sums, Execution& run) const;

  std::int64_t layer_;
  std::int64_t num_heads_;
  std::int64_t head_dim_;
  std::vector<const Module*> owners_;
};

}  // namespace attnscope::nn
