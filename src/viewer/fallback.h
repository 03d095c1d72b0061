// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/viewer.h"

namespace attnscope {

/// HTML for browsers without JavaScript: the text, its entities, and the words of what is explained first.
[[nodiscard]] std::string fallback_html(const Document& document);

}  // namespace attnscope
