// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace attnscope::cli {

/// The candidate nearest to `word`, at most two edits away (insertion, deletion, replacement, or two
/// neighbours swapped).
[[nodiscard]] std::optional<std::string> suggest(const std::string& word,
                                                 const std::vector<std::string>& candidates);

}  // namespace attnscope::cli
