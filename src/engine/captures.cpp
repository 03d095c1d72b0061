// SPDX-License-Identifier: Apache-2.0
#include "engine/captures.h"

#include <algorithm>
#include <array>

#include "attnscope/checkpoint.h"
#include "core/message.h"

namespace attnscope {
namespace {

std::vector<std::int64_t> slots(const std::vector<std::int64_t>& chosen, std::int64_t count) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(count), -1);
  for (std::size_t slot = 0; slot < chosen.size(); ++slot)
    result[static_cast<std::size_t>(chosen[slot])] = static_cast<std::int64_t>(slot);
  return result;
}

std::int64_t length(const std::vector<std::int64_t>& items) {
  return static_cast<std::int64_t>(items.size());
}

Shape shape_of_weights(const CheckedRequest& checked, std::int64_t n) {
  if (checked.request.reduce != Reduce::none) return {length(checked.layers), n, n};
  return {length(checked.layers), length(checked.heads), n, n};
}

// target = target (+ or max) source.
void combine(Reduce reduce, const TensorView& source, const MutableTensorView& target) {
  const float* values = source.f32();
  float* result = target.f32();
  const std::int64_t count = source.count();
  if (reduce == Reduce::mean)
    for (std::int64_t i = 0; i < count; ++i) result[i] += values[i];
  else
    for (std::int64_t i = 0; i < count; ++i) result[i] = std::max(result[i], values[i]);
}

struct NamedField {
  const char* name;
  Tensor TextCapture::*tensor;
};
constexpr std::array kFields{NamedField{"attentions", &TextCapture::attentions},
                             NamedField{"hidden_states", &TextCapture::hidden_states},
                             NamedField{"last_hidden_state", &TextCapture::last_hidden_state},
                             NamedField{"pooler_output", &TextCapture::pooler_output},
                             NamedField{"logits", &TextCapture::logits}};

}  // namespace

CaptureWriter::CaptureWriter(const CheckedRequest& checked, const nn::Batch& batch, std::int64_t num_layers,
                             std::int64_t num_heads, std::int64_t hidden_size)
    : checked_(checked),
      batch_(batch),
      layer_slots_(slots(checked.layers, num_layers)),
      head_slots_(slots(checked.heads, num_heads)) {
  captures_.layers = checked.layers;
  captures_.heads = checked.heads;
  captures_.texts.resize(static_cast<std::size_t>(batch.num_texts()));
  for (std::int64_t text = 0; text < batch.num_texts(); ++text) {
    TextCapture& capture = captures_.texts[static_cast<std::size_t>(text)];
    const std::int64_t n = batch.seq_len(text);
    if (checked.request.weights) capture.attentions = Tensor(shape_of_weights(checked, n));
    if (checked.request.hidden_states) capture.hidden_states = Tensor({num_layers + 1, n, hidden_size});
  }
}

bool CaptureWriter::wants_block(std::int64_t layer) const {
  return checked_.request.reduce != Reduce::none && layer_slots_[static_cast<std::size_t>(layer)] >= 0;
}

float* CaptureWriter::weights_target(std::int64_t layer, std::int64_t text, std::int64_t head) const {
  const std::int64_t layer_slot = layer_slots_[static_cast<std::size_t>(layer)];
  const std::int64_t head_slot = head_slots_[static_cast<std::size_t>(head)];
  if (layer_slot < 0 || head_slot < 0 || wants_block(layer)) return nullptr;
  const TensorView& weights = captures_.texts[static_cast<std::size_t>(text)].attentions.view();
  const std::int64_t n = batch_.seq_len(text);
  return const_cast<float*>(weights.f32()) + (layer_slot * length(checked_.heads) + head_slot) * n * n;
}

void CaptureWriter::weights(std::int64_t layer, const nn::Value& value) {
  const std::int64_t layer_slot = layer_slots_[static_cast<std::size_t>(layer)];
  if (!value.present() || layer_slot < 0) return;
  for (std::int64_t text = 0; text < batch_.num_texts(); ++text) {
    const TensorView all_heads = value.text(batch_, text);  // [heads, n, n]
    if (checked_.request.reduce != Reduce::none) {
      reduce_text(text, layer_slot, all_heads);
      continue;
    }
    Tensor& target = captures_.texts[static_cast<std::size_t>(text)].attentions;
    for (std::size_t slot = 0; slot < checked_.heads.size(); ++slot)
      target.mutable_view()
          .select(0, layer_slot)
          .select(0, static_cast<std::int64_t>(slot))
          .copy_from(all_heads.select(0, checked_.heads[slot]));
  }
}

void CaptureWriter::reduce_text(std::int64_t text, std::int64_t layer_slot, const TensorView& all_heads) {
  const MutableTensorView target =
      captures_.texts[static_cast<std::size_t>(text)].attentions.mutable_view().select(0, layer_slot);
  target.copy_from(all_heads.select(0, checked_.heads.front()));
  for (std::size_t i = 1; i < checked_.heads.size(); ++i)
    combine(checked_.request.reduce, all_heads.select(0, checked_.heads[i]), target);
  if (checked_.request.reduce == Reduce::max) return;
  const float scale = 1.0F / static_cast<float>(checked_.heads.size());
  float* values = target.f32();
  for (std::int64_t i = 0; i < target.count(); ++i) values[i] *= scale;
}

void CaptureWriter::hidden_state(std::int64_t index, const nn::Value& value) {
  if (!checked_.request.hidden_states) return;
  for (std::int64_t text = 0; text < batch_.num_texts(); ++text)
    captures_.texts[static_cast<std::size_t>(text)].hidden_states.mutable_view().select(0, index).copy_from(
        value.text(batch_, text));
}

void CaptureWriter::keep(Tensor TextCapture::*field, const nn::Value& value) {
  for (std::int64_t text = 0; text < batch_.num_texts(); ++text)
    captures_.texts[static_cast<std::size_t>(text)].*field = value.text(batch_, text).own();
}

void CaptureWriter::last_hidden_state(const nn::Value& value) {
  if (checked_.request.last_hidden_state) keep(&TextCapture::last_hidden_state, value);
}

void CaptureWriter::pooler_output(const nn::Value& value) {
  if (checked_.request.pooler_output) keep(&TextCapture::pooler_output, value);
}

void CaptureWriter::logits(const nn::Values& outputs) {
  if (!checked_.request.logits || outputs.size() == 0) return;
  if (outputs.size() == 1) return keep(&TextCapture::logits, outputs[0]);
  const std::int64_t columns = static_cast<std::int64_t>(outputs.size());
  for (std::int64_t text = 0; text < batch_.num_texts(); ++text) {
    Tensor logits({batch_.seq_len(text), columns});
    for (std::int64_t i = 0; i < columns; ++i)
      logits.mutable_view().select(1, i).copy_from(outputs[static_cast<std::size_t>(i)].text(batch_, text));
    captures_.texts[static_cast<std::size_t>(text)].logits = logits;
  }
}

Captures CaptureWriter::take() {
  for (TextCapture& capture : captures_.texts)
    for (const NamedField& field : kFields) {
      const Tensor& tensor = capture.*field.tensor;
      if (tensor.empty() || !find_non_finite(tensor.view())) continue;
      capture.notices.push_back(
          fmt::format("NaN or infinite values in {}: look at the weights with --check-finite", field.name));
    }
  return std::move(captures_);
}

}  // namespace attnscope
