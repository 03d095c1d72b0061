// SPDX-License-Identifier: Apache-2.0
#include "nn/projections.h"

#include "nn/elementwise.h"
#include "nn/execution.h"

namespace attnscope::nn {

Values project(const Projections& projections, const Value& hidden_states, std::int64_t layer,
               std::int64_t heads, Execution& run) {
  const Value query = split_heads(run(projections.query, hidden_states), heads);
  const Value key = split_heads(run(projections.key, hidden_states), heads);
  if (run.plan().weights_only(layer)) return {query, key, Value{}};
  return {query, key, split_heads(run(projections.value, hidden_states), heads)};
}

}  // namespace attnscope::nn
