// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "core/json.h"

namespace attnscope {

/// The first byte at which a text of valid UTF-8 stops being one JSON value within the limits. The fast
/// walker knows that a text is wrong but not always where; this plain reader of the grammar does.
[[nodiscard]] std::optional<JsonProblem> find_json_syntax_problem(std::string_view text,
                                                                  const JsonLimits& limits);

}  // namespace attnscope
