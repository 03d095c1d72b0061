// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// Base64 with padding.
/// Source:  RFC 4648, section 4.
[[nodiscard]] std::string base64(std::string_view bytes);

}  // namespace attnscope
