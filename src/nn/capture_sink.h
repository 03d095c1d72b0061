// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "nn/value.h"

namespace attnscope::nn {

/// Where a run puts what was asked for. Layers call it; the engine implements it.
class CaptureSink {
 public:
  virtual ~CaptureSink() = default;

  /// Whether the weights of a layer are wanted as one block of all heads (to be reduced or reordered).
  [[nodiscard]] virtual bool wants_block(std::int64_t layer) const = 0;
  /// Where the kernel may write the [n, n] weights of one head itself; null if they are not wanted so.
  [[nodiscard]] virtual float* weights_target(std::int64_t layer, std::int64_t text,
                                              std::int64_t head) const = 0;
  /// The weights of a layer after all hooks; no value if they were written to their target.
  virtual void weights(std::int64_t layer, const Value& value) = 0;
  /// Hidden state `index`: 0 of the embeddings, i + 1 of layer i.
  virtual void hidden_state(std::int64_t index, const Value& value) = 0;
  virtual void last_hidden_state(const Value& value) = 0;
  virtual void pooler_output(const Value& value) = 0;
};

}  // namespace attnscope::nn
