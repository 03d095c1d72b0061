// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attnscope/word_report.h"

namespace attnscope::cli {

inline constexpr const char* kMeasuresHelp =
    "attention, rollout, norms, gradient, leave-one-out, several with commas, or all (default)";

/// What --measure names; nothing for all.
/// Throws:  InvalidArgument listing the words.
[[nodiscard]] std::optional<std::vector<Measure>> parse_measures(const std::string& text);

}  // namespace attnscope::cli
