// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <vector>

#include "attnscope/model.h"
#include "core/memory_pool.h"
#include "core/poll.h"
#include "engine/attention_captures.h"
#include "engine/request.h"
#include "families/family.h"
#include "nn/capture_sink.h"

namespace attnscope {

/// Gathers what a run computes into Captures.
class CaptureWriter : public nn::CaptureSink {
 public:
  CaptureWriter(const CheckedRequest& checked, const nn::Batch& batch, const nn::Plan& plan,
                const TokenGroups& groups, const Network& network, MemoryPool& pool, Poll& poll);

  [[nodiscard]] bool wants_attention(std::int64_t layer) const override { return attention_.wants(layer); }
  [[nodiscard]] kernels::AttentionOutputs attention_outputs(std::int64_t layer, std::int64_t text,
                                                            std::int64_t head) const override;
  void not_finite(std::int64_t text) override;
  void weights(std::int64_t layer, const nn::Value& value) override;
  void queries_and_keys(std::int64_t layer, const nn::Value& query, const nn::Value& key) override;
  void hidden_state(std::int64_t index, const nn::Value& value) override;
  void last_hidden_state(const nn::Value& value) override;
  void pooler_output(const nn::Value& value) override;
  /// The outputs of a task head: logits, or start and end logits.
  void logits(const nn::Values& outputs);

  /// The captures, with a notice where a value is NaN or infinite.
  [[nodiscard]] Captures take();

 private:
  /// Calls visit(text, its capture) for every text, and polls in between: results may be gigabytes.
  template <class Visit>
  void for_each_text(const Visit& visit);
  void keep(Tensor TextCapture::*field, const nn::Value& value);
  [[nodiscard]] TextCapture& capture(std::int64_t text) const {
    return captures_.texts[static_cast<std::size_t>(text)];
  }

  const CheckedRequest& checked_;
  const nn::Batch& batch_;
  MemoryPool& pool_;
  Poll& poll_;
  AttentionCaptures attention_;
  mutable Captures captures_;                  // the kernel writes into its tensors
  std::vector<std::atomic<bool>> not_finite_;  // [texts]
};

}  // namespace attnscope
