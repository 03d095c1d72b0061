// SPDX-License-Identifier: Apache-2.0
#include "nn/attention.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"
#include "nn/execution.h"

namespace attnscope::nn {
namespace {

// Query rows that are one item of work: enough to share the packing of the keys, few enough to balance
// threads.
constexpr std::int64_t kQueryBlock = 64;

struct Item {
  std::int64_t text;
  std::int64_t head;
  std::int64_t first;
  std::int64_t last;
};

// All (text, head, query block), costly ones first, so that no thread gets a long one at the end.
std::vector<Item> work_items(const Batch& batch, std::int64_t num_heads) {
  std::vector<Item> items;
  for (std::int64_t text = 0; text < batch.num_texts(); ++text)
    for (std::int64_t head = 0; head < num_heads; ++head)
      for (std::int64_t first = 0; first < batch.seq_len(text); first += kQueryBlock)
        items.push_back({text, head, first, std::min(first + kQueryBlock, batch.seq_len(text))});
  std::stable_sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    return (a.last - a.first) * batch.seq_len(a.text) > (b.last - b.first) * batch.seq_len(b.text);
  });
  return items;
}

// The pointers of one (text, head) into values of all texts; weights are set by the caller.
kernels::AttentionHead head_of(const Values& inputs, float* context, const Batch& batch, const Item& item,
                               std::int64_t head_dim) {
  const auto at = [&](const Value& value) {
    return value.f32() + batch.first(item.text) * value.width + item.head * head_dim;
  };
  kernels::AttentionHead head;
  head.seq_len = batch.seq_len(item.text);
  head.num_keys = batch.num_keys(item.text);
  head.head_dim = head_dim;
  head.scaling = 1.0F / std::sqrt(static_cast<float>(head_dim));
  head.query = at(inputs[0]);
  head.query_stride = inputs[0].width;
  head.key = at(inputs[1]);
  head.key_stride = inputs[1].width;
  if (context != nullptr) {
    head.value = at(inputs[2]);
    head.value_stride = inputs[2].width;
    head.context = context + batch.first(item.text) * inputs[2].width + item.head * head_dim;
    head.context_stride = inputs[2].width;
  }
  return head;
}

float* block_of(float* weights, const Value& value, const Batch& batch, const Item& item) {
  return weights + batch.square(item.text) * value.heads +
         item.head * batch.seq_len(item.text) * batch.seq_len(item.text);
}

}  // namespace

Attention::Attention(const Scope& scope, std::int64_t layer, std::int64_t num_heads, std::int64_t head_dim)
    : Module((scope / "attn").path(), "Attention"),
      layer_(layer),
      num_heads_(num_heads),
      head_dim_(head_dim) {}

bool Attention::shows_weights(const Execution& run) const {
  return run.observed(*this) || run.captures().wants_block(layer_) ||
         std::any_of(owners_.begin(), owners_.end(),
                     [&](const Module* owner) { return run.observed(*owner); });
}

Values Attention::forward(const Values& inputs, Execution& run) const {
  const Batch& batch = run.batch();
  Value weights;
  float* block = nullptr;
  if (shows_weights(run)) {
    weights = {Layout::weights, nullptr, 0, num_heads_};
    block = run.allocate(weights);
  }
  Value context = inputs[2];
  float* context_values = context.present() ? run.allocate(context) : nullptr;

  const std::vector<Item> items = work_items(batch, num_heads_);
  const std::int64_t scratch_floats = kernels::attention_scratch_floats(batch.max_seq_len(), head_dim_);
  const int threads = omp_get_max_threads();
  std::vector<float*> scratch;
  for (int thread = 0; thread < threads; ++thread) scratch.push_back(run.floats(scratch_floats));

  ParallelPoll poll(run.poll());
#pragma omp parallel num_threads(threads)
  {
    float* own_scratch = scratch[static_cast<std::size_t>(omp_get_thread_num())];
#pragma omp for schedule(dynamic, 1)
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!poll.go_on()) continue;
      const Item& item = items[i];
      kernels::AttentionHead head = head_of(inputs, context_values, batch, item, head_dim_);
      head.weights = block != nullptr ? block_of(block, weights, batch, item)
                                      : run.captures().weights_target(layer_, item.text, item.head);
      if (head.weights == nullptr && head.context == nullptr) continue;  // a head that nobody asked for
      kernels::attention_head(head, item.first, item.last, own_scratch);
    }
  }
  poll.rethrow();
  return {weights, context};
}

void Attention::mend(Values& outputs, const Values& inputs, std::size_t replaced, Execution& run) const {
  const bool only_weights = replaced == 1;  // bit 0: weights, bit 1: context
  if (!only_weights || !outputs[1].present()) return;
  float* context = run.allocate(outputs[1]);
  for (const Item& item : work_items(run.batch(), num_heads_)) {
    run.poll().check();
    kernels::AttentionHead head = head_of(inputs, context, run.batch(), item, head_dim_);
    head.weights = block_of(const_cast<float*>(outputs[0].f32()), outputs[0], run.batch(), item);
    kernels::attention_context(head, item.first, item.last);
  }
}

}  // namespace attnscope::nn
