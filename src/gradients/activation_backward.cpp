// SPDX-License-Identifier: Apache-2.0
#include "gradients/layer_backward.h"
#include "nn/parallel.h"

namespace attnscope {

void activation_backward(kernels::Activation activation, const float* inputs, std::int64_t count,
                         float* gradient, Poll& poll) {
  nn::parallel_rows(poll, count, 1, [&](std::int64_t first, std::int64_t last) {
    kernels::activation_backward(activation, inputs + first, gradient + first, last - first);
  });
}

}  // namespace attnscope
