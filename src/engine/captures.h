// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "attnscope/model.h"
#include "engine/request.h"
#include "families/family.h"
#include "nn/capture_sink.h"
#include "nn/poll.h"

namespace attnscope {

/// Gathers what a run computes into Captures.
class CaptureWriter : public nn::CaptureSink {
 public:
  CaptureWriter(const CheckedRequest& checked, const nn::Batch& batch, const Network& network,
                nn::Poll& poll);

  [[nodiscard]] bool wants_block(std::int64_t layer) const override;
  [[nodiscard]] float* weights_target(std::int64_t layer, std::int64_t text,
                                      std::int64_t head) const override;
  void weights(std::int64_t layer, const nn::Value& value) override;
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
  /// Where the weights of a head go, by its positions in the output: [n, n].
  [[nodiscard]] MutableTensorView place_of(std::int64_t layer_slot, std::int64_t text,
                                           std::int64_t head_slot) const;
  [[nodiscard]] bool has_non_finite_weights(std::int64_t text) const;
  void reduce_heads(const TensorView& all_heads, const MutableTensorView& target);

  const CheckedRequest& checked_;
  const nn::Batch& batch_;
  nn::Poll& poll_;
  Captures captures_;
  std::vector<std::int64_t> layer_slots_;  // by layer: position in the output, -1 if not wanted
  std::vector<std::int64_t> head_slots_;
};

}  // namespace attnscope
