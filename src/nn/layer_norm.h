// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/module.h"

namespace attnscope::nn {

/// Normalises each row to mean 0 and variance 1, then scales and shifts it.
class LayerNorm : public Module {
 public:
  LayerNorm(const Scope& scope, std::int64_t width, double eps);

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  /// The norm of input + residual in one pass; same bits as add and then forward.
  [[nodiscard]] Value forward_sum(const Value& input, const Value& residual, Execution& run) const;

 private:
  [[nodiscard]] Value apply(const Value& input, const float* residual, Execution& run) const;

  Tensor weight_;
  Tensor bias_;
  float eps_;
};

/// The norm of input + residual, called so that hooks on the norm see the sum.
[[nodiscard]] Value add_and_norm(const LayerNorm& norm, const Value& input, const Value& residual,
                                 Execution& run);

}  // namespace attnscope::nn
