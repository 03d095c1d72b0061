// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "nn/module.h"

namespace attnscope::nn {

/// The softmax itself, the leaf `attn` that Hugging Face does not have: (query, key, value), each
/// [n, heads, head_dim], to (weights [heads, n, n], context [n, heads, head_dim]).
///
/// Weights are made only where the plan or a hook wants them; the context has the same bits either way. A
/// hook that replaces the weights and not the context gets the context of its weights. Unattended tokens are
/// queries and no keys: their columns of the weights are 0.
class Attention : public Module {
 public:
  /// `scope` is that of the attention module the leaf belongs to.
  Attention(const Scope& scope, std::int64_t layer, std::int64_t num_heads, std::int64_t head_dim);

  /// A module whose output shows the weights: a hook on it needs them made.
  void shown_by(const Module& owner) { owners_.push_back(&owner); }

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  void mend(Values& outputs, const Values& inputs, std::size_t replaced, Execution& run) const override;

 private:
  [[nodiscard]] bool shows_weights(const Execution& run) const;

  std::int64_t layer_;
  std::int64_t num_heads_;
  std::int64_t head_dim_;
  std::vector<const Module*> owners_;
};

}  // namespace attnscope::nn
