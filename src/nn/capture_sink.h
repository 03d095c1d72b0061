// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/kernels.h"
#include "nn/value.h"

namespace attnscope::nn {

/// Where a run puts what was asked for. Layers call it; the engine implements it.
class CaptureSink {
 public:
  virtual ~CaptureSink() = default;

  /// Whether anything is wanted that is made of the attention weights of a layer.
  [[nodiscard]] virtual bool wants_attention(std::int64_t layer) const = 0;
  /// What is wanted of one head, for the kernel to write; rows and positions are the caller's to set.
  [[nodiscard]] virtual kernels::AttentionOutputs attention_outputs(std::int64_t layer, std::int64_t text,
                                                                    std::int64_t head) const = 0;
  /// Weights of a text that were written are not all finite. Called on any thread.
  virtual void not_finite(std::int64_t text) = 0;
  /// The weights of a layer after hooks that saw them; no value if the kernel has put them where they belong.
  virtual void weights(std::int64_t layer, const Value& value) = 0;
  /// Queries and keys of a layer, of the heads in the plan at least.
  virtual void queries_and_keys(std::int64_t layer, const Value& query, const Value& key) = 0;
  /// Hidden state `index`: 0 of the embeddings, i + 1 of layer i.
  virtual void hidden_state(std::int64_t index, const Value& value) = 0;
  virtual void last_hidden_state(const Value& value) = 0;
  virtual void pooler_output(const Value& value) = 0;
};

}  // namespace attnscope::nn
