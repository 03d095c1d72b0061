// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/gradients.h"
#include "attnscope/model.h"

namespace attnscope {

/// Equally long texts of which a run computes so many together: the states of a layer then stay in the
/// last-level cache, and memory does not grow with the number of texts.
[[nodiscard]] std::int64_t texts_at_once(std::int64_t num_tokens);

[[nodiscard]] std::int64_t num_tokens(const Sequence& text);

/// The value of each text's own target, the texts run in batches. Throws InvalidArgument (TARGET).
[[nodiscard]] std::vector<double> target_values(Run& run, const std::vector<Sequence>& texts,
                                                const std::vector<Target>& targets);
[[nodiscard]] double target_value(Run& run, const Sequence& text, const Target& target);

}  // namespace attnscope
