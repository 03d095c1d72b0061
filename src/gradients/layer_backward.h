// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "attnscope/tensor.h"
#include "core/poll.h"
#include "gradients/recording.h"
#include "kernels/kernels.h"
#include "nn/batch.h"

/// The way back through one layer of each kind: from the gradient of its output to that of its input. Weights
/// are constants. Rows of all texts stand one after another.
namespace attnscope {

/// input_gradient [rows, in] = output_gradient [rows, out] weight [out, in].
/// Bits do not depend on the number of threads. Rows of zeros cost nothing.
void linear_backward(const Tensor& weight, const float* output_gradient, std::int64_t rows,
                     float* input_gradient, Poll& poll);

/// In place.  Shapes: inputs, gradient [rows, weight].
void layer_norm_backward(const Tensor& weight, double eps, const float* inputs, std::int64_t rows,
                         float* gradient, Poll& poll);

/// In place.
void activation_backward(kernels::Activation activation, const float* inputs, std::int64_t count,
                         float* gradient, Poll& poll);

/// The way back through the softmax of one layer.
struct AttentionBackward {
  const AttentionRecord& record;
  const nn::Batch& batch;
  std::int64_t num_heads;
  std::int64_t width;             ///< of all heads together
  const float* context_gradient;  ///< [tokens, width]
  const float* weights_mask;      ///< 0 where a hook changed the weights; null: nowhere
  /// Where the gradient of the weights of a head [n, n] goes, zeroed before; may be null or give null.
  std::function<float*(std::int64_t text, std::int64_t head)> weights_gradient;
  float* query_gradient;  ///< [tokens, width]; null: no further than the weights
  float* key_gradient;
  float* value_gradient;
};
void attention_backward(const AttentionBackward& work, Poll& poll);

}  // namespace attnscope
