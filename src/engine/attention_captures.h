// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "attnscope/model.h"
#include "core/memory_pool.h"
#include "engine/request.h"
#include "engine/token_groups.h"
#include "kernels/kernels.h"
#include "nn/batch.h"
#include "nn/plan.h"

namespace attnscope {

/// Weights, statistics, sums, top keys, queries and keys of a run: memory for them, and who writes where.
class AttentionCaptures {
 public:
  /// `rows` of the plan, `groups` if a statistic needs them; both must outlive this.
  AttentionCaptures(const CheckedRequest& checked, const nn::Batch& batch, const nn::QueryRows* rows,
                    const TokenGroups& groups, std::int64_t num_layers, std::int64_t num_heads);

  /// Memory for the results of one text.
  void make_room(std::int64_t text, std::int64_t head_dim, MemoryPool& pool, TextCapture& capture) const;

  [[nodiscard]] bool wants(std::int64_t layer) const { return slot_of_layer(layer) >= 0; }
  [[nodiscard]] kernels::AttentionOutputs outputs(std::int64_t layer, std::int64_t text, std::int64_t head,
                                                  TextCapture& capture) const;
  /// Weights [heads, n, n] of a text that hooks saw. Returns whether those that are wanted are finite.
  bool put(std::int64_t layer, std::int64_t text, const TensorView& weights, TextCapture& capture) const;
  /// Queries and keys [n or wanted rows, width] of a text.
  void put_queries_and_keys(std::int64_t layer, const TensorView& query, const TensorView& key,
                            TextCapture& capture) const;

 private:
  [[nodiscard]] std::int64_t slot_of_layer(std::int64_t layer) const {
    return layer_slots_[static_cast<std::size_t>(layer)];
  }
  [[nodiscard]] std::int64_t num_rows(std::int64_t text) const;
  [[nodiscard]] std::int64_t num_top(std::int64_t text) const;
  void put_weights_outputs(kernels::AttentionOutputs& outputs, std::int64_t layer_slot, std::int64_t text,
                           std::int64_t head_slot, const TextCapture& capture) const;

  const CheckedRequest& checked_;
  const nn::Batch& batch_;
  const nn::QueryRows* rows_;  // null: every token is a row
  const TokenGroups& groups_;
  std::int64_t layers_;
  std::int64_t heads_;
  std::vector<std::int64_t> layer_slots_;  // by layer: position in the output, -1 if not wanted
  std::vector<std::int64_t> head_slots_;
};

}  // namespace attnscope
