// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace attnscope {

/// The text as the content of an element or of an attribute in double quotes. What HTML cannot hold (NUL and
/// other control characters, invalid UTF-8) becomes U+FFFD.
[[nodiscard]] std::string escape_html(std::string_view text);

/// JSON that may stand in a script element: no "<", and no line ends of JavaScript.
[[nodiscard]] std::string json_for_script(std::string_view json);

/// A line of at most so many characters, without control characters and marks of writing direction.
[[nodiscard]] std::string title_of(std::string_view text, std::size_t most_characters = 80);

}  // namespace attnscope
