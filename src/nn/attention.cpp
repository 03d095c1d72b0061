// SPDX-License-Identifier: Apache-2.0
#include "nn/attention.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"
#include "nn/execution.h"

namespace attnscope::nn {
namespace {

float* block_of(const Value& weights, const Batch& batch, std::int64_t text, std::int64_t head) {
  const std::int64_t n = batch.seq_len(text);
  return const_cast<float*>(weights.f32()) + batch.square(text) * weights.heads + head * n * n;
}

}  // namespace

/// What one call computes.
struct Attention::Job {
  const Batch& batch;
  const Plan& plan;
  std::int64_t head_dim;
  Value query;
  Value key;
  Value value = {};          // none: no context
  float* context = nullptr;  // as value
  Value weights = {};        // [heads, n, n] for hooks; none: straight to the captures
  AttentionPart part = AttentionPart::everything;

  [[nodiscard]] bool has_some_rows() const { return plan.rows.has_value(); }

  // The pointers of one head of one text; outputs aside.
  [[nodiscard]] kernels::AttentionHead head_of(std::int64_t text, std::int64_t index) const {
    const auto at = [&](const Value& values, std::int64_t row) {
      return values.f32() + row * values.width + index * head_dim;
    };
    const bool dense_rows = part == AttentionPart::wanted && has_some_rows();
    kernels::AttentionHead head;
    head.seq_len = batch.seq_len(text);
    head.num_keys = batch.num_keys(text);
    head.head_dim = head_dim;
    head.scaling = 1.0F / std::sqrt(static_cast<float>(head_dim));
    head.query = at(query, dense_rows ? plan.rows->first(text) : batch.first(text));
    head.query_stride = query.width;
    head.key = at(key, batch.first(text));
    head.key_stride = key.width;
    if (context == nullptr) return head;
    head.value = at(value, batch.first(text));
    head.value_stride = value.width;
    head.context = context + batch.first(text) * value.width + index * head_dim;
    head.context_stride = value.width;
    return head;
  }

  // Tells which query is which row.
  void set_rows(kernels::AttentionOutputs& outputs, std::int64_t text) const {
    if (!has_some_rows()) return;
    if (part == AttentionPart::wanted)
      outputs.positions = plan.rows->positions.data() + plan.rows->first(text);
    else
      outputs.rows = plan.rows->row_of_token.data() + batch.first(text);
  }
};

Attention::Attention(const Scope& scope, std::int64_t layer, std::int64_t num_heads, std::int64_t head_dim)
    : Module((scope / "attn").path(), "Attention"),
      layer_(layer),
      num_heads_(num_heads),
      head_dim_(head_dim) {}

bool Attention::shows_weights(const Execution& run) const {
  return run.observed(*this) || std::any_of(owners_.begin(), owners_.end(),
                                            [&](const Module* owner) { return run.observed(*owner); });
}

Values Attention::forward(const Values& inputs, Execution& run) const {
  Job job{run.batch(), run.plan(), head_dim_, inputs[0], inputs[1], inputs[2]};
  if (shows_weights(run)) {
    job.weights = {Layout::weights, nullptr, 0, num_heads_};
    static_cast<void>(run.allocate(job.weights));
  }
  Value context = inputs[2];
  if (context.present()) job.context = run.allocate(context);
  compute(job, run);
  return {job.weights, context};
}

void Attention::forward_wanted(const Value& query, const Value& key, Execution& run) const {
  Job job{run.batch(), run.plan(), head_dim_, query, key, {}};
  job.part = AttentionPart::wanted;
  compute(job, run);
}

Value Attention::forward_pooled(const Value& query, const Value& key, const Value& value,
                                Execution& run) const {
  const Timed timed(run.times(), Part::attention);
  const Batch& batch = run.batch();
  Value context = query;
  float* contexts = run.allocate(context);
  const int threads = omp_get_max_threads();
  const std::int64_t scratch_floats = kernels::attention_scratch_floats(batch.max_seq_len(), head_dim_);
  float* scratch = run.floats(threads * scratch_floats);
  const Job job{batch, run.plan(), head_dim_, key, key, value, contexts};
  ParallelPoll poll(run.poll());
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t item = 0; item < batch.num_texts() * num_heads_; ++item) {
    if (!poll.go_on()) continue;
    const std::int64_t text = item / num_heads_;
    const std::int64_t index = item % num_heads_;
    const std::int64_t place = text * query.width + index * head_dim_;
    kernels::AttentionHead head = job.head_of(text, index);
    head.query = query.f32() + place;
    head.context = contexts + place;
    kernels::attention_head(head, 0, 1, scratch + omp_get_thread_num() * scratch_floats);
  }
  poll.rethrow();
  return context;
}

void Attention::compute(const Job& job, Execution& run) const {
  const Timed timed(run.times(), Part::attention);
  CaptureSink& captures = run.captures();
  const Batch& batch = job.batch;
  const bool captured = !job.weights.present() && captures.wants_attention(layer_);
  if (!captured && !job.weights.present() && job.context == nullptr) return;
  const bool combined = captured && job.plan.combines_heads;
  const AttentionList& list = run.attention_work().list(batch, job.plan, num_heads_, job.part, combined);
  const bool sums_keys = captured && job.plan.sums_keys;
  float* sums = sums_keys ? run.floats(list.sums) : nullptr;

  const int threads = omp_get_max_threads();
  const std::int64_t scratch_floats = kernels::attention_scratch_floats(batch.max_seq_len(), head_dim_);
  float* scratch = run.floats(threads * scratch_floats);
  // One head of an item.
  const auto work = [&](const AttentionItem& item, std::int64_t place, float* own_scratch) {
    const std::int64_t index = list.heads[static_cast<std::size_t>(place)];
    kernels::AttentionHead head = job.head_of(item.text, index);
    if (job.weights.present())
      head.outputs.weights = block_of(job.weights, batch, item.text, index);
    else if (captured)
      head.outputs = captures.attention_outputs(layer_, item.text, index);
    if (captured) job.set_rows(head.outputs, item.text);
    if (!head.outputs.any() && head.context == nullptr) return;
    if (head.outputs.received != nullptr) {
      head.outputs.received = sums + item.sums + (place - item.first_head) * head.seq_len;
      std::fill_n(head.outputs.received, head.seq_len, 0.0F);
    }
    if (!kernels::attention_head(head, item.first, item.last, own_scratch) && captured)
      captures.not_finite(item.text);
  };

  ParallelPoll poll(run.poll());
#pragma omp parallel num_threads(threads)
  {
    float* own_scratch = scratch + omp_get_thread_num() * scratch_floats;
#pragma omp for schedule(dynamic, 1)
    for (std::size_t i = 0; i < list.items.size(); ++i)
      for (std::int64_t place = list.items[i].first_head; place < list.items[i].last_head; ++place)
        if (poll.go_on()) work(list.items[i], place, own_scratch);
  }
  poll.rethrow();
  if (sums_keys) add_sums(list, sums, run);
}

// In the order of the rows, so that the sums do not depend on threads.
void Attention::add_sums(const AttentionList& list, const float* sums, Execution& run) const {
  for (const AttentionItem& item : list.items)
    for (std::int64_t place = item.first_head; place < item.last_head; ++place) {
      const std::int64_t head = list.heads[static_cast<std::size_t>(place)];
      float* received = run.captures().attention_outputs(layer_, item.text, head).received;
      if (received == nullptr) continue;
      const std::int64_t n = run.batch().seq_len(item.text);
      kernels::add(received, sums + item.sums + (place - item.first_head) * n, received, n);
    }
}

void Attention::mend(Values& outputs, const Values& inputs, std::size_t replaced, Execution& run) const {
  const bool only_weights = replaced == 1;  // bit 0: weights, bit 1: context
  if (!only_weights || !outputs[1].present()) return;
  const Batch& batch = run.batch();
  Job job{batch, run.plan(), head_dim_, inputs[0], inputs[1], inputs[2]};
  job.context = run.allocate(outputs[1]);
  for (std::int64_t text = 0; text < batch.num_texts(); ++text)
    for (std::int64_t head = 0; head < num_heads_; ++head) {
      run.poll().check();
      kernels::attention_context(job.head_of(text, head), block_of(outputs[0], batch, text, head), 0,
                                 batch.seq_len(text));
    }
}

}  // namespace attnscope::nn
