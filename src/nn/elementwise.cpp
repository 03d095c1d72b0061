// SPDX-License-Identifier: Apache-2.0
#include "nn/elementwise.h"

#include <algorithm>

#include "core/message.h"
#include "kernels/kernels.h"
#include "nn/execution.h"
#include "nn/parallel.h"

namespace attnscope::nn {

Value add(const Value& a, const Value& b, Execution& run) {
  Value sum = a;
  float* values = run.allocate(sum);
  parallel_rows(run, a.rows(run.batch()), a.width, [&](std::int64_t first, std::int64_t last) {
    kernels::add(a.f32() + first * a.width, b.f32() + first * a.width, values + first * a.width,
                 (last - first) * a.width);
  });
  return sum;
}

Value pooled_tokens(const Value& hidden_states, Execution& run) {
  if (hidden_states.layout == Layout::texts) return hidden_states;
  const Batch& batch = run.batch();
  Value output{Layout::texts, nullptr, hidden_states.width};
  float* values = run.allocate(output);
  for (std::int64_t text = 0; text < batch.num_texts(); ++text) {
    if (batch.seq_len(text) == 0)
      throw InvalidArgument(problem(ErrorKind::usage, "TEXT_EMPTY", "run")
                                .found("text {} has no tokens, but the head reads its first token", text)
                                .hint("keep the special tokens, or leave the text out"));
    const float* row = hidden_states.f32() + batch.pooled_token(text) * hidden_states.width;
    std::copy_n(row, output.width, values + text * output.width);
  }
  return output;
}

Value matching_rows(const Value& hidden_states, const Value& other, Execution& run) {
  return other.layout == Layout::texts ? pooled_tokens(hidden_states, run) : hidden_states;
}

Value column(const Value& values, std::int64_t index, Execution& run) {
  Value output{Layout::scalars};
  float* scalars = run.allocate(output);
  for (std::int64_t row = 0; row < run.batch().num_tokens(); ++row)
    scalars[row] = values.f32()[row * values.width + index];
  return output;
}

Value split_heads(Value value, std::int64_t heads) {
  value.layout = Layout::heads;
  value.heads = heads;
  return value;
}

Value merge_heads(Value value) {
  if (value.layout == Layout::texts) return value;
  value.layout = Layout::tokens;
  value.heads = 0;
  return value;
}

}  // namespace attnscope::nn
