// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// The bytes as a zlib stream, which HTTP and browsers call "deflate". The same bytes give the same stream.
[[nodiscard]] std::string deflated(std::string_view bytes);

}  // namespace attnscope
