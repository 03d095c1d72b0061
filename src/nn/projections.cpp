// SPDX-License-Identifier: Apache-2.0
#include "nn/projections.h"

#include "nn/elementwise.h"
#include "nn/execution.h"

namespace attnscope::nn {

namespace {

bool observed(const Projections& projections, const Attention& attention, const Execution& run) {
  return run.observed(projections.query) || run.observed(projections.key) || attention.shows_weights(run);
}

// The rows of the plan, one after another.
Value wanted_rows(const Value& hidden_states, Execution& run) {
  if (!run.plan().rows.has_value()) return hidden_states;
  const QueryRows& rows = *run.plan().rows;
  Value gathered = hidden_states;
  float* values = run.floats(rows.total() * hidden_states.width);
  kernels::gather_rows(hidden_states.f32(), rows.tokens.data(), rows.total(), hidden_states.width, values);
  gathered.data = values;
  return gathered;
}

// The columns of the wanted heads for `rows` rows; the others stay as they are.
Value project_wanted(const Linear& linear, const Value& input, std::int64_t rows, std::int64_t heads,
                     Execution& run) {
  Value output{Layout::heads, nullptr, linear.out(), heads};
  float* values = run.floats(rows * output.width);
  linear.forward_rows(input.f32(), rows, values, run);
  output.data = values;
  return output;
}

void attend_wanted(const Projections& projections, const Attention& attention, const Value& hidden_states,
                   Execution& run) {
  const Value row_states = wanted_rows(hidden_states, run);
  const std::int64_t tokens = run.batch().num_tokens();
  const std::int64_t rows = run.plan().rows.has_value() ? run.plan().rows->total() : tokens;
  const Value query = project_wanted(projections.query, row_states, rows, attention.num_heads(), run);
  const Value key = project_wanted(projections.key, hidden_states, tokens, attention.num_heads(), run);
  run.captures().queries_and_keys(attention.layer(), query, key);
  attention.forward_wanted(query, key, run);
}

}  // namespace

Values attend(const Projections& projections, const Attention& attention, const Value& hidden_states,
              Execution& run) {
  const std::int64_t heads = attention.num_heads();
  if (run.plan().weights_only(attention.layer()) && !observed(projections, attention, run)) {
    attend_wanted(projections, attention, hidden_states, run);
    return {Value{}, Value{}};
  }
  const Value query = split_heads(run(projections.query, hidden_states), heads);
  const Value key = split_heads(run(projections.key, hidden_states), heads);
  run.captures().queries_and_keys(attention.layer(), query, key);
  if (run.plan().weights_only(attention.layer())) return run.call(attention, {query, key, Value{}});
  const Value value = split_heads(run(projections.value, hidden_states), heads);
  return run.call(attention, {query, key, value});
}

}  // namespace attnscope::nn
