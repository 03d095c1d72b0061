// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attnscope/gradients.h"

namespace attnscope {

/// The target with what its probabilities are shares of, which the model's task says.
/// Throws:  UnsupportedModel (NO_HEAD) for a model without a task head.
[[nodiscard]] Target target_of_model(const Model& model, Target target);

/// Writes the derivative of target_value by every logit to `gradient`, which has the shape of `logits`,
/// contiguous. Throws as target_value.
void target_gradient(const TensorView& logits, const Target& target, float* gradient);

}  // namespace attnscope
