// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/gradients.h"

namespace attnscope {

/// Where on the way from 0 to 1 an integral is sampled, in batches of as many copies of a text of so many
/// tokens as run together.
/// Throws:  InvalidArgument (RANGE) for less than one step.
[[nodiscard]] std::vector<std::vector<double>> path_batches(const PathOptions& options, std::int64_t tokens);

}  // namespace attnscope
