// SPDX-License-Identifier: Apache-2.0
#include "engine/attention_captures.h"

#include <algorithm>

#include "nn/attention_work.h"

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

float* values_of(const Tensor& tensor) { return const_cast<float*>(tensor.f32()); }

static_assert(static_cast<int>(Statistic::entropy) == static_cast<int>(kernels::RowStatistic::entropy) &&
                  static_cast<int>(Statistic::punctuation) ==
                      static_cast<int>(kernels::RowStatistic::punctuation) &&
                  static_cast<int>(Statistic::punctuation) == kernels::kRowStatistics - 1,
              "the kernel's statistics are the public ones");

}  // namespace

AttentionCaptures::AttentionCaptures(const CheckedRequest& checked, const nn::Batch& batch,
                                     const nn::QueryRows* rows, const TokenGroups& groups,
                                     std::int64_t num_layers, std::int64_t num_heads)
    : checked_(checked),
      batch_(batch),
      rows_(rows),
      groups_(groups),
      layers_(length(checked.layers)),
      heads_(length(checked.heads)),
      layer_slots_(slots(checked.layers, num_layers)),
      head_slots_(slots(checked.heads, num_heads)) {}

std::int64_t AttentionCaptures::num_rows(std::int64_t text) const {
  return rows_ != nullptr ? rows_->count(text) : batch_.seq_len(text);
}

std::int64_t AttentionCaptures::num_top(std::int64_t text) const {
  return std::min(checked_.request.top_keys, batch_.num_keys(text));
}

void AttentionCaptures::make_room(std::int64_t text, std::int64_t head_dim, MemoryPool& pool,
                                  TextCapture& capture) const {
  const Request& request = checked_.request;
  const std::int64_t n = batch_.seq_len(text);
  const std::int64_t rows = num_rows(text);
  const bool reduced = checked_.combines_heads();
  if (request.weights && !request.weights_memory)
    capture.attentions = pool.tensor(reduced ? Shape{layers_, rows, n} : Shape{layers_, heads_, rows, n});
  if (!request.statistics.empty())
    capture.statistics =
        pool.tensor({static_cast<std::int64_t>(request.statistics.size()), layers_, heads_, rows});
  if (request.received) capture.received = Tensor({layers_, heads_, n});  // zeros, which rows are added to
  if (request.top_keys > 0) {
    const Shape shape{layers_, heads_, rows, num_top(text)};
    capture.top_weights = pool.tensor(shape);
    capture.top_keys = pool.tensor(shape, DType::i64);
  }
  if (!request.on_demand) return;
  WeightsOnDemand& states = capture.on_demand;
  states.layers_ = checked_.layers;
  states.heads_ = checked_.heads;
  states.num_keys_ = batch_.num_keys(text);
  states.states_ = pool.tensor({layers_, heads_, 2, n, head_dim});
}

void AttentionCaptures::put_weights_outputs(kernels::AttentionOutputs& outputs, std::int64_t layer_slot,
                                            std::int64_t text, std::int64_t head_slot,
                                            const TextCapture& capture) const {
  const Request& request = checked_.request;
  const bool reduced = checked_.combines_heads();
  const std::int64_t place = reduced ? 0 : head_slot;
  if (request.weights_memory)
    outputs.weights = request.weights_memory(layer_slot, text, place);
  else
    outputs.weights = values_of(capture.attentions) +
                      (layer_slot * (reduced ? 1 : heads_) + place) * num_rows(text) * batch_.seq_len(text);
  if (!reduced || head_slot == 0) return;
  const bool last = head_slot == heads_ - 1;
  outputs.combine = request.reduce == Reduce::mean ? kernels::Combine::add : kernels::Combine::maximum;
  outputs.scale = last ? 1.0F / static_cast<float>(heads_) : 1.0F;
}

kernels::AttentionOutputs AttentionCaptures::outputs(std::int64_t layer, std::int64_t text, std::int64_t head,
                                                     TextCapture& capture) const {
  kernels::AttentionOutputs outputs;
  const std::int64_t layer_slot = slot_of_layer(layer);
  const std::int64_t head_slot = head_slots_[static_cast<std::size_t>(head)];
  if (layer_slot < 0 || head_slot < 0) return outputs;
  const Request& request = checked_.request;
  const std::int64_t rows = num_rows(text);
  const std::int64_t place = layer_slot * heads_ + head_slot;
  if (request.weights) put_weights_outputs(outputs, layer_slot, text, head_slot, capture);
  for (std::size_t i = 0; i < request.statistics.size(); ++i)
    outputs.statistics[static_cast<std::size_t>(request.statistics[i])] =
        values_of(capture.statistics) + (static_cast<std::int64_t>(i) * layers_ * heads_ + place) * rows;
  outputs.cls = groups_.of(text, TokenGroups::cls);
  outputs.sep = groups_.of(text, TokenGroups::sep);
  outputs.punctuation = groups_.of(text, TokenGroups::punctuation);
  if (request.received) outputs.received = values_of(capture.received) + place * batch_.seq_len(text);
  if (request.top_keys > 0) {
    outputs.num_top = num_top(text);
    outputs.top_weights = values_of(capture.top_weights) + place * rows * outputs.num_top;
    outputs.top_keys = const_cast<std::int64_t*>(capture.top_keys.i64()) + place * rows * outputs.num_top;
  }
  return outputs;
}

bool AttentionCaptures::put(std::int64_t layer, std::int64_t text, const TensorView& weights,
                            TextCapture& capture) const {
  const std::int64_t n = batch_.seq_len(text);
  const std::int64_t block = nn::query_block(checked_.combines_heads());
  std::vector<float> scratch(static_cast<std::size_t>(kernels::attention_scratch_floats(n, 1)));
  std::vector<float> sums;
  bool finite = true;
  for (const std::int64_t head : checked_.heads) {
    kernels::AttentionOutputs target = outputs(layer, text, head, capture);
    if (rows_ != nullptr) target.rows = rows_->row_of_token.data() + batch_.first(text);
    if (!target.any()) continue;
    float* received = target.received;
    // Block by block, because that is how the sums are added up where no hook looks.
    for (std::int64_t first = 0; first < n; first += block) {
      if (received != nullptr) {
        sums.assign(static_cast<std::size_t>(n), 0.0F);
        target.received = sums.data();
      }
      const std::int64_t last = std::min(first + block, n);
      finite = kernels::put_weights(weights.select(0, head).f32(), n, target, first, last, scratch.data()) &&
               finite;
      if (received != nullptr) kernels::add(received, sums.data(), received, n);
    }
  }
  return finite;
}

void AttentionCaptures::put_queries_and_keys(std::int64_t layer, const TensorView& query,
                                             const TensorView& key, TextCapture& capture) const {
  if (!checked_.request.on_demand || slot_of_layer(layer) < 0) return;
  MutableTensorView states = capture.on_demand.states_.mutable_view().select(0, slot_of_layer(layer));
  for (std::int64_t slot = 0; slot < heads_; ++slot) {
    const std::int64_t head = checked_.heads[static_cast<std::size_t>(slot)];
    states.select(0, slot).select(0, 0).copy_from(query.select(1, head));
    states.select(0, slot).select(0, 1).copy_from(key.select(1, head));
  }
}

}  // namespace attnscope
