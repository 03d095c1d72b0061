// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "viewer/report_content.h"

namespace attnscope {

/// What ablating each head alone does to the label of each focus: one scan of the heads for all of them.
/// Nothing for a focus without a label.
[[nodiscard]] std::vector<std::optional<FocusEffects>> focus_effects(Run& run, const Encoding& encoding,
                                                                     const std::vector<Focus>& focuses);

}  // namespace attnscope
