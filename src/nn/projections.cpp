// SPDX-License-Identifier: Apache-2.0
#include "nn/projections.h"

#include <vector>

#include "nn/elementwise.h"
#include "nn/execution.h"

namespace attnscope::nn {
namespace {

bool observed(const Projections& projections, const Attention& attention, const Execution& run) {
  return run.observed(projections.query) || run.observed(projections.key) || attention.shows_weights(run);
}

// The columns of the wanted heads, side by side where they stand together.
std::vector<ColumnRange> wanted_columns(const Plan& plan, std::int64_t head_dim) {
  std::vector<ColumnRange> columns;
  for (const std::int64_t head : plan.heads) {
    const ColumnRange range{head * head_dim, (head + 1) * head_dim};
    if (!columns.empty() && columns.back().last == range.first)
      columns.back().last = range.last;
    else
      columns.push_back(range);
  }
  return columns;
}

// The rows of the plan, one after another.
Value wanted_rows(const Value& query, Execution& run) {
  const QueryRows& rows = *run.plan().rows;
  Value gathered = query;
  float* values = run.floats(rows.total() * query.width);
  kernels::gather_rows(query.f32(), rows.tokens.data(), rows.total(), query.width, values);
  gathered.data = values;
  return gathered;
}

void attend_wanted(const Projections& projections, const Attention& attention, const Value& hidden_states,
                   Execution& run) {
  const std::vector<ColumnRange> columns = wanted_columns(run.plan(), attention.head_dim());
  LinearPart part{.columns = columns};
  const Value key =
      split_heads(projections.key.forward_part(hidden_states, part, run), attention.num_heads());
  const bool some_rows = run.plan().rows.has_value();
  if (some_rows) part.rows = run.plan().rows->tokens;
  Value query = split_heads(projections.query.forward_part(hidden_states, part, run), attention.num_heads());
  if (some_rows) query = wanted_rows(query, run);
  run.captures().queries_and_keys(attention.layer(), query, key);
  attention.forward_wanted(query, key, run);
}

// Nothing watches: hooks that reach this layer make the plan want all of it.
Value attend_pooled(const Projections& projections, const Attention& attention, const Value& hidden_states,
                    Execution& run) {
  const Value key = split_heads(run(projections.key, hidden_states), attention.num_heads());
  const Value value = split_heads(run(projections.value, hidden_states), attention.num_heads());
  const Value query = run(projections.query, pooled_tokens(hidden_states, run));  // [texts, width]
  return attention.forward_pooled(query, key, value, run);
}

Value given_contexts(std::int64_t width, std::int64_t heads, Execution& run) {
  const Value contexts{Layout::tokens, run.batch().contexts->data(), width};
  if (run.plan().pooled_only(*run.plan().first_layer)) return pooled_tokens(contexts, run);
  return split_heads(contexts, heads);
}

}  // namespace

Values attend(const Projections& projections, const Attention& attention, const Value& hidden_states,
              Execution& run) {
  const std::int64_t heads = attention.num_heads();
  if (run.batch().contexts.has_value() && run.plan().first_layer == attention.layer())
    return {Value{}, given_contexts(hidden_states.width, heads, run)};
  if (run.plan().pooled_only(attention.layer()))
    return {Value{}, attend_pooled(projections, attention, hidden_states, run)};
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
