// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/linear.h"
#include "nn/module.h"

namespace attnscope::nn {

/// The three layers that a self-attention starts with.
struct Projections {
  const Linear& query;
  const Linear& key;
  const Linear& value;
};

/// Calls them on hidden states [n, width]: query, key and value, each [n, heads, head_dim]. No value where
/// the plan ends with the weights of this layer.
[[nodiscard]] Values project(const Projections& projections, const Value& hidden_states, std::int64_t layer,
                             std::int64_t heads, Execution& run);

}  // namespace attnscope::nn
