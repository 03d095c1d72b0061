// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "attnscope/gradients.h"

namespace attnscope {

constexpr std::int64_t kTokensAtOnce = 1024;

struct BackwardRequest {
  GradientRequest kept;
  /// Walk back to the weights of this layer and no further, and keep them of this layer only:
  /// [1, heads, n, n].
  std::optional<std::int64_t> only_layer = std::nullopt;
};

/// Runs texts forward and back, with the hooks that the run has, as many at once as fit kTokensAtOnce.
/// `targets` are of this model (target_of_model). Hooks are added to the run while it works: give a fork.
[[nodiscard]] std::vector<TextGradients> run_backward(Run& run, const std::vector<Sequence>& texts,
                                                      const std::vector<Target>& targets,
                                                      const BackwardRequest& request);

}  // namespace attnscope
