// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/value.h"

namespace attnscope::nn {

class Execution;

/// a + b of values of equal layout.
[[nodiscard]] Value add(const Value& a, const Value& b, Execution& run);

/// The token of each text that stands for it, the first unless the text says another: [tokens, width] ->
/// [texts, width]. [texts, width], made where the plan wants no more, stays as it is.
/// Throws:  InvalidArgument if a text has no tokens.
[[nodiscard]] Value pooled_tokens(const Value& hidden_states, Execution& run);

/// Those rows of [tokens, width] that `other` has: all, or the pooled tokens.
[[nodiscard]] Value matching_rows(const Value& hidden_states, const Value& other, Execution& run);

/// One column of [tokens, width]: scalars.
[[nodiscard]] Value column(const Value& values, std::int64_t index, Execution& run);

/// [tokens, width] seen as [tokens, heads, width / heads], and back; the memory stays. [texts, width] has no
/// heads to merge.
[[nodiscard]] Value split_heads(Value value, std::int64_t heads);
[[nodiscard]] Value merge_heads(Value value);

}  // namespace attnscope::nn
