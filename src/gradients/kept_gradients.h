// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "attnscope/gradients.h"
#include "gradients/backward.h"
#include "gradients/recording.h"

namespace attnscope {

/// Puts what a request wants of the way back where it is to stay.
class KeptGradients {
 public:
  KeptGradients(const Model& model, const BackwardRequest& request, const Recording& recording,
                const nn::Batch& batch);

  /// Of all texts [tokens, hidden_size], as the context.
  void hidden_state(std::int64_t index, const Tensor& gradient);
  void contexts(std::int64_t layer, const Tensor& gradient);
  void inputs_embeds(const Tensor& gradient);
  [[nodiscard]] bool wants_inputs_embeds() const { return request_.kept.inputs_embeds; }
  /// Where attention_backward is to put the gradient of the weights; the weights are put beside it.
  [[nodiscard]] std::function<float*(std::int64_t text, std::int64_t head)> weights(std::int64_t layer);

  [[nodiscard]] std::vector<TextGradients> take() { return std::move(results_); }

 private:
  [[nodiscard]] TensorView of_text(const Tensor& values, std::int64_t text) const;
  [[nodiscard]] std::optional<std::int64_t> place_of(std::int64_t layer) const;
  template <class Visit>
  void for_each_text(const Visit& visit);

  const EncoderParts& parts_;
  const BackwardRequest& request_;
  const Recording& recording_;
  const nn::Batch& batch_;
  std::int64_t width_;
  std::vector<TextGradients> results_;
};

}  // namespace attnscope
