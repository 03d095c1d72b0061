// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// The text in exactly `cells` cells: escaped, cut with an ellipsis or padded with blanks.
[[nodiscard]] std::string fit_label(std::string_view text, int cells);

/// Keeps right-to-left letters from reordering what stands beside them; other text stays as it is.
[[nodiscard]] std::string isolated(std::string text);

/// Whether the first letter of the text belongs to a script that is written from right to left.
[[nodiscard]] bool runs_right_to_left(std::string_view text);

}  // namespace attnscope
