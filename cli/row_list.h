// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "windows.h"

namespace attnscope::cli {

/// The query rows that --rows names: "all" (empty), "cls", or positions in each text, negative ones from its
/// end. `limit`: the most tokens a text can have.
/// Throws:  InvalidArgument naming the range.
[[nodiscard]] std::optional<std::vector<std::int64_t>> parse_rows(const std::string& text,
                                                                  std::int64_t limit);

/// A text, for messages: "text 3", or the window of a text that was cut.
[[nodiscard]] std::string text_name(std::int64_t index, const std::optional<WindowPlace>& place);

/// The rows as positions from 0 in a text of so many tokens; `text` is its name.
/// Throws:  InvalidArgument for a row that the text does not have, and for one that is named twice.
[[nodiscard]] std::vector<std::int64_t> positions_in(const std::vector<std::int64_t>& rows,
                                                     std::int64_t num_tokens, const std::string& text);

}  // namespace attnscope::cli
