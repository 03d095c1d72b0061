// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// safe_text with what TeX reserves escaped.
[[nodiscard]] std::string tex_text(std::string_view text);

}  // namespace attnscope
