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

// Weights that come out for each layer: one a head, or one for all when reduced.
std::int64_t output_heads(const CheckedRequest& checked) {
  return checked.request.reduce == Reduce::none ? length(checked.heads) : 1;
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

std::string non_finite_notice(const char* field) {
  return fmt::format("NaN or infinite values in {}: look at the weights with --check-finite", field);
}

struct NamedField {
  const char* name;
  Tensor TextCapture::*tensor;
};
constexpr std::array kFields{NamedField{"hidden_states", &TextCapture::hidden_states},
                             NamedField{"last_hidden_state", &TextCapture::last_hidden_state},
                             NamedField{"pooler_output", &TextCapture::pooler_output},
                             NamedField{"logits", &TextCapture::logits}};

}  // namespace

CaptureWriter::CaptureWriter(const CheckedRequest& checked, const nn::Batch& batch, const Network& network,
                             nn::Poll& poll)
    : checked_(checked),
      batch_(batch),
      poll_(poll),
      layer_slots_(slots(checked.layers, network.num_layers)),
      head_slots_(slots(checked.heads, network.num_heads)) {
  captures_.layers = checked.layers;
  captures_.heads = checked.heads;
  captures_.texts.resize(static_cast<std::size_t>(batch.num_texts()));
  for_each_text([&](std::int64_t text, TextCapture& capture) {
    const std::int64_t n = batch.seq_len(text);
    if (checked.request.weights && !checked.request.weights_memory)
      capture.attentions = Tensor(shape_of_weights(checked, n));
    if (checked.request.hidden_states)
      capture.hidden_states = Tensor({network.num_layers + 1, n, network.hidden_size});
  });
}

template <class Visit>
void CaptureWriter::for_each_text(const Visit& visit) {
  std::int64_t text = 0;
  for (TextCapture& capture : captures_.texts) {
    poll_.check();
    visit(text++, capture);
  }
}

bool CaptureWriter::wants_block(std::int64_t layer) const {
  return checked_.request.reduce != Reduce::none && layer_slots_[static_cast<std::size_t>(layer)] >= 0;
}

float* CaptureWriter::weights_target(std::int64_t layer, std::int64_t text, std::int64_t head) const {
  const std::int64_t layer_slot = layer_slots_[static_cast<std::size_t>(layer)];
  const std::int64_t head_slot = head_slots_[static_cast<std::size_t>(head)];
  if (layer_slot < 0 || head_slot < 0 || wants_block(layer)) return nullptr;
  return place_of(layer_slot, text, head_slot).f32();
}

MutableTensorView CaptureWriter::place_of(std::int64_t layer_slot, std::int64_t text,
                                          std::int64_t head_slot) const {
  const std::int64_t n = batch_.seq_len(text);
  if (checked_.request.weights_memory)
    return {checked_.request.weights_memory(layer_slot, text, head_slot), DType::f32, {n, n}};
  const Tensor& weights = captures_.texts[static_cast<std::size_t>(text)].attentions;
  const std::int64_t place = layer_slot * output_heads(checked_) + head_slot;
  return {const_cast<float*>(weights.f32()) + place * n * n, DType::f32, {n, n}};
}

void CaptureWriter::weights(std::int64_t layer, const nn::Value& value) {
  const std::int64_t layer_slot = layer_slots_[static_cast<std::size_t>(layer)];
  if (!value.present() || layer_slot < 0) return;
  for_each_text([&](std::int64_t text, TextCapture& /*capture*/) {
    const TensorView all_heads = value.text(batch_, text);  // [heads, n, n]
    if (checked_.request.reduce != Reduce::none)
      return reduce_heads(all_heads, place_of(layer_slot, text, 0));
    for (std::size_t slot = 0; slot < checked_.heads.size(); ++slot)
      place_of(layer_slot, text, static_cast<std::int64_t>(slot))
          .copy_from(all_heads.select(0, checked_.heads[slot]));
  });
}

void CaptureWriter::reduce_heads(const TensorView& all_heads, const MutableTensorView& target) {
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
  for_each_text([&](std::int64_t text, TextCapture& capture) {
    capture.hidden_states.mutable_view().select(0, index).copy_from(value.text(batch_, text));
  });
}

void CaptureWriter::keep(Tensor TextCapture::*field, const nn::Value& value) {
  for_each_text(
      [&](std::int64_t text, TextCapture& capture) { capture.*field = value.text(batch_, text).own(); });
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
  for_each_text([&](std::int64_t text, TextCapture& capture) {
    capture.logits = Tensor({batch_.seq_len(text), columns});
    for (std::int64_t i = 0; i < columns; ++i)
      capture.logits.mutable_view().select(1, i).copy_from(
          outputs[static_cast<std::size_t>(i)].text(batch_, text));
  });
}

bool CaptureWriter::has_non_finite_weights(std::int64_t text) const {
  for (std::int64_t layer = 0; layer < length(checked_.layers); ++layer)
    for (std::int64_t head = 0; head < output_heads(checked_); ++head)
      if (find_non_finite(place_of(layer, text, head))) return true;
  return false;
}

Captures CaptureWriter::take() {
  for_each_text([this](std::int64_t text, TextCapture& capture) {
    if (has_non_finite_weights(text)) capture.notices.push_back(non_finite_notice("attentions"));
    for (const NamedField& field : kFields) {
      const Tensor& tensor = capture.*field.tensor;
      if (!tensor.empty() && find_non_finite(tensor.view()))
        capture.notices.push_back(non_finite_notice(field.name));
    }
  });
  return std::move(captures_);
}

}  // namespace attnscope
