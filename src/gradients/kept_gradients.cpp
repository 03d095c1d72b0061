// SPDX-License-Identifier: Apache-2.0
#include "gradients/kept_gradients.h"

namespace attnscope {

KeptGradients::KeptGradients(const Model& model, const BackwardRequest& request, const Recording& recording,
                             const nn::Batch& batch)
    : parts_(model.parts()),
      request_(request),
      recording_(recording),
      batch_(batch),
      width_(model.info().hidden_size),
      results_(static_cast<std::size_t>(batch.num_texts())) {
  const std::int64_t layers = model.info().num_layers;
  const std::int64_t heads = model.info().num_heads;
  for_each_text([&](TextGradients& result, std::int64_t text) {
    const std::int64_t n = batch_.seq_len(text);
    const Shape weights{request_.only_layer.has_value() ? 1 : layers, heads, n, n};
    const Shape contexts{layers, n, heads, width_ / heads};
    if (request_.kept.attentions) result.attentions = Tensor(weights);
    if (request_.kept.attentions) result.attention_gradients = Tensor(weights);
    if (request_.kept.contexts) result.contexts = Tensor(contexts);
    if (request_.kept.contexts) result.context_gradients = Tensor(contexts);
    if (request_.kept.hidden_states) result.hidden_state_gradients = Tensor({layers + 1, n, width_});
  });
}

template <class Visit>
void KeptGradients::for_each_text(const Visit& visit) {
  for (std::int64_t text = 0; text < batch_.num_texts(); ++text)
    visit(results_[static_cast<std::size_t>(text)], text);
}

// The rows of one text of [tokens, hidden_size].
TensorView KeptGradients::of_text(const Tensor& values, std::int64_t text) const {
  return {values.f32() + batch_.first(text) * width_, DType::f32, {batch_.seq_len(text), width_}};
}

void KeptGradients::hidden_state(std::int64_t index, const Tensor& gradient) {
  if (!request_.kept.hidden_states) return;
  for_each_text([&](TextGradients& result, std::int64_t text) {
    result.hidden_state_gradients.mutable_view().select(0, index).copy_from(of_text(gradient, text));
  });
}

void KeptGradients::contexts(std::int64_t layer, const Tensor& gradient) {
  if (!request_.kept.contexts) return;
  const std::string& attn = parts_.layers[static_cast<std::size_t>(layer)].attn;
  const Tensor& context = recording_.attention(attn).context;
  for_each_text([&](TextGradients& result, std::int64_t text) {
    const Shape shape = result.contexts.shape().without(0);  // [n, heads, head_dim]
    result.contexts.mutable_view().select(0, layer).copy_from(of_text(context, text).reshape(shape));
    result.context_gradients.mutable_view().select(0, layer).copy_from(
        of_text(gradient, text).reshape(shape));
  });
}

void KeptGradients::inputs_embeds(const Tensor& gradient) {
  const Tensor& rows = recording_.value(parts_.word_embeddings);
  for_each_text([&](TextGradients& result, std::int64_t text) {
    result.inputs_embeds = of_text(rows, text).own();
    result.inputs_embeds_gradients = of_text(gradient, text).own();
  });
}

// Which of the kept layers a layer is, if it is one.
std::optional<std::int64_t> KeptGradients::place_of(std::int64_t layer) const {
  if (!request_.kept.attentions) return std::nullopt;
  if (!request_.only_layer.has_value()) return layer;
  return request_.only_layer == layer ? std::optional<std::int64_t>(0) : std::nullopt;
}

std::function<float*(std::int64_t, std::int64_t)> KeptGradients::weights(std::int64_t layer) {
  const std::optional<std::int64_t> place = place_of(layer);
  if (!place.has_value()) return nullptr;
  const std::string& attn = parts_.layers[static_cast<std::size_t>(layer)].attn;
  const float* weights = recording_.attention(attn).weights.f32();
  std::vector<float*> gradients;  // [texts]
  for_each_text([&](TextGradients& result, std::int64_t text) {
    const Shape shape = result.attentions.shape().without(0);  // [heads, n, n]
    const TensorView part(weights + batch_.square(text) * shape[0], DType::f32, shape);
    result.attentions.mutable_view().select(0, *place).copy_from(part);
    gradients.push_back(result.attention_gradients.mutable_view().select(0, *place).f32());
  });
  return [this, gradients](std::int64_t text, std::int64_t head) {
    const std::int64_t n = batch_.seq_len(text);
    return gradients[static_cast<std::size_t>(text)] + head * n * n;
  };
}

}  // namespace attnscope
