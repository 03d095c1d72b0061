// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// SHA-256 of bytes in memory, as 32 bytes.
/// Source:  FIPS 180-4, section 6.2.
[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace attnscope
