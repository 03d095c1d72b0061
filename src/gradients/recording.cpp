// SPDX-License-Identifier: Apache-2.0
#include "gradients/recording.h"

namespace attnscope {

nn::Batch batch_of(const std::vector<Sequence>& texts) {
  nn::Batch batch;
  for (const Sequence& text : texts) {
    const bool only_embeds = text.input_ids.empty() && !text.inputs_embeds.empty();
    const auto count = static_cast<std::int64_t>(text.input_ids.size());
    const std::int64_t length = only_embeds ? text.inputs_embeds.size(0) : count;
    batch.input_ids.insert(batch.input_ids.end(), static_cast<std::size_t>(length), 0);
    batch.close_text(text.num_unattended, text.pooled_token);
  }
  return batch;
}

Recording::Recording(Run& run)
    : run_(run), word_embeddings_(run.model().parts().word_embeddings), changes_(run.model().parts()) {
  choose(run.model().parts());
  handles_.push_back(
      run.register_forward_pre_hook("**", [this](HookEvent& event) { changes_.note_inputs(event); }));
  handles_.push_back(run.register_forward_hook("**", [this](HookEvent& event) { after(event); }));
}

void Recording::choose(const EncoderParts& parts) {
  kept_[parts.embeddings] = Kept::given_embeds;
  kept_[parts.word_embeddings] = Kept::output;
  kept_[parts.embedding_norm] = Kept::input;
  for (const LayerParts& layer : parts.layers) {
    kept_[layer.attn] = Kept::attention;
    for (const std::string& path : {layer.attention_norm, layer.activation, layer.output_norm})
      kept_[path] = Kept::input;
  }
  for (const HeadStep& step : parts.head) {
    if (!step.norm.empty()) kept_[step.norm] = Kept::input;
    if (step.activation.empty()) continue;
    if (step.activation_module.empty())
      kept_[step.linear] = Kept::output;
    else
      kept_[step.activation_module] = Kept::input;
  }
}

void Recording::after(const HookEvent& event) {
  changes_.note_outputs(event);
  const auto found = kept_.find(event.path());
  if (found == kept_.end()) return;
  switch (found->second) {
    case Kept::input:
      values_[event.path()] = copy(event.input(0));
      break;
    case Kept::output:
      values_[event.path()] = copy(event.output(0));
      break;
    case Kept::attention:
      attentions_[event.path()] = attention_of(event);
      break;
    case Kept::given_embeds:
      if (event.input(0).text(0).dtype() == DType::f32) values_[word_embeddings_] = copy(event.input(0));
      break;
  }
}

AttentionRecord Recording::attention_of(const HookEvent& event) {
  const Tensor weights = copy(event.output(0));
  const bool changed = changes_.output_mask(event.path(), 0) != nullptr;
  return {.query = copy(event.input(0)),
          .key = copy(event.input(1)),
          .value = copy(event.input(2)),
          .computed_weights = changed ? copy(event.computed_output(0)) : weights,
          .weights = weights,
          .context = copy(event.output(1))};
}

Tensor Recording::copy(const Activation& value) {
  std::int64_t count = 0;
  for (std::int64_t text = 0; text < value.num_texts(); ++text) count += value.text(text).count();
  Tensor all = run_.memory({count});
  std::int64_t first = 0;
  for (std::int64_t text = 0; text < value.num_texts(); ++text) {
    const TensorView part = value.text(text);
    all.mutable_view().narrow(0, first, part.count()).copy_from(part.reshape({part.count()}));
    first += part.count();
  }
  return all;
}

}  // namespace attnscope
