// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/attention.h"
#include "nn/linear.h"
#include "nn/module.h"

namespace attnscope::nn {

/// The three layers that a self-attention starts with.
struct Projections {
  const Linear& query;
  const Linear& key;
  const Linear& value;
};

/// Query, key and value of hidden states [n, width], then the attention: (weights [heads, n, n], context
/// [n, heads, head_dim]). No context where the plan ends with the weights of this layer; and if no hook
/// looks, only the queries and keys of the heads and rows that are wanted.
[[nodiscard]] Values attend(const Projections& projections, const Attention& attention,
                            const Value& hidden_states, Execution& run);

}  // namespace attnscope::nn
