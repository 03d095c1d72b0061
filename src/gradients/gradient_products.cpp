// SPDX-License-Identifier: Apache-2.0
//
// Methods that multiply a value by its gradient.

#include <cmath>

#include "attnscope/gradients.h"

namespace attnscope {
namespace {

TextGradients gradients_of(Run& run, const Sequence& text, const Target& target,
                           const GradientRequest& request) {
  return gradients(run, {text}, {target}, request).front();
}

// sum_i a_i b_i of `width` numbers.
double inner_product(const float* a, const float* b, std::int64_t width) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < width; ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

}  // namespace

Tensor gradient_x_input(Run& run, const Sequence& text, const Target& target) {
  const TextGradients found = gradients_of(run, text, target, {.inputs_embeds = true});
  const std::int64_t width = found.inputs_embeds.size(1);
  Tensor scores({found.inputs_embeds.size(0)});
  for (std::int64_t token = 0; token < scores.count(); ++token)
    scores.mutable_view().f32()[token] =
        static_cast<float>(inner_product(found.inputs_embeds.f32() + token * width,
                                         found.inputs_embeds_gradients.f32() + token * width, width));
  return scores;
}

Tensor gradient_x_attention(Run& run, const Sequence& text, const Target& target) {
  const TextGradients found = gradients_of(run, text, target, {.attentions = true});
  Tensor scores = found.attention_gradients;
  float* values = scores.mutable_view().f32();
  for (std::int64_t i = 0; i < scores.count(); ++i) values[i] *= found.attentions.f32()[i];
  return scores;
}

Tensor head_sensitivity(Run& run, const Sequence& text, const Target& target) {
  const TextGradients found = gradients_of(run, text, target, {.contexts = true});
  const Shape shape = found.contexts.shape();  // [layers, n, heads, head_dim]
  Tensor scores({shape[0], shape[2]});
  for (std::int64_t layer = 0; layer < shape[0]; ++layer)
    for (std::int64_t head = 0; head < shape[2]; ++head) {
      double sum = 0.0;
      for (std::int64_t token = 0; token < shape[1]; ++token) {
        const std::int64_t start = ((layer * shape[1] + token) * shape[2] + head) * shape[3];
        sum += inner_product(found.contexts.f32() + start, found.context_gradients.f32() + start, shape[3]);
      }
      scores.mutable_view().f32()[layer * shape[2] + head] = static_cast<float>(std::abs(sum));
    }
  return scores;
}

}  // namespace attnscope
