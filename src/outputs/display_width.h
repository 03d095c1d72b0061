// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// The text in exactly `cells` cells: escaped, cut with an ellipsis or padded with blanks.
[[nodiscard]] std::string fit_label(std::string_view text, int cells);

/// Whether the first letter of the text belongs to a script that is written from right to left.
[[nodiscard]] bool runs_right_to_left(std::string_view text);

}  // namespace attnscope
