// SPDX-License-Identifier: Apache-2.0
#include "engine/captures.h"

#include <algorithm>
#include <array>

#include "attnscope/checkpoint.h"
#include "core/message.h"

namespace attnscope {
namespace {

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

CaptureWriter::CaptureWriter(const CheckedRequest& checked, const nn::Batch& batch, const nn::Plan& plan,
                             const TokenGroups& groups, const Network& network, MemoryPool& pool, Poll& poll)
    : checked_(checked),
      batch_(batch),
      pool_(pool),
      poll_(poll),
      attention_(checked, batch, plan.rows.has_value() ? &*plan.rows : nullptr, groups, network.num_layers,
                 network.num_heads),
      not_finite_(static_cast<std::size_t>(batch.num_texts())) {
  captures_.layers = checked.layers;
  captures_.heads = checked.heads;
  captures_.statistics = checked.request.statistics;
  captures_.texts.resize(static_cast<std::size_t>(batch.num_texts()));
  for_each_text([&](std::int64_t text, TextCapture& room) {
    attention_.make_room(text, network.hidden_size / network.num_heads, pool, room);
    if (checked.request.hidden_states)
      room.hidden_states = pool.tensor({network.num_layers + 1, batch.seq_len(text), network.hidden_size});
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

kernels::AttentionOutputs CaptureWriter::attention_outputs(std::int64_t layer, std::int64_t text,
                                                           std::int64_t head) const {
  return attention_.outputs(layer, text, head, capture(text));
}

void CaptureWriter::not_finite(std::int64_t text) {
  not_finite_[static_cast<std::size_t>(text)].store(true, std::memory_order_relaxed);
}

void CaptureWriter::weights(std::int64_t layer, const nn::Value& value) {
  if (!value.present() || !attention_.wants(layer)) return;
  for_each_text([&](std::int64_t text, TextCapture& room) {
    if (!attention_.put(layer, text, value.text(batch_, text), room)) not_finite(text);
  });
}

void CaptureWriter::queries_and_keys(std::int64_t layer, const nn::Value& query, const nn::Value& key) {
  if (!checked_.request.on_demand || !attention_.wants(layer)) return;
  for_each_text([&](std::int64_t text, TextCapture& room) {
    attention_.put_queries_and_keys(layer, query.text(batch_, text), key.text(batch_, text), room);
  });
}

void CaptureWriter::hidden_state(std::int64_t index, const nn::Value& value) {
  if (!checked_.request.hidden_states) return;
  for_each_text([&](std::int64_t text, TextCapture& room) {
    room.hidden_states.mutable_view().select(0, index).copy_from(value.text(batch_, text));
  });
}

void CaptureWriter::keep(Tensor TextCapture::*field, const nn::Value& value) {
  for_each_text([&](std::int64_t text, TextCapture& room) {
    const TensorView source = value.text(batch_, text);
    Tensor copy = pool_.tensor(source.shape());
    copy.mutable_view().copy_from(source);
    room.*field = std::move(copy);
  });
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
  for_each_text([&](std::int64_t text, TextCapture& room) {
    room.logits = Tensor({batch_.seq_len(text), columns});
    for (std::int64_t i = 0; i < columns; ++i)
      room.logits.mutable_view().select(1, i).copy_from(
          outputs[static_cast<std::size_t>(i)].text(batch_, text));
  });
}

Captures CaptureWriter::take() {
  for_each_text([this](std::int64_t text, TextCapture& room) {
    if (not_finite_[static_cast<std::size_t>(text)]) room.notices.push_back(non_finite_notice("attentions"));
    for (const NamedField& field : kFields) {
      const Tensor& tensor = room.*field.tensor;
      if (!tensor.empty() && find_non_finite(tensor.view()))
        room.notices.push_back(non_finite_notice(field.name));
    }
  });
  return std::move(captures_);
}

}  // namespace attnscope
