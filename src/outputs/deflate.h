// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// The bytes compressed in zlib's format: what DecompressionStream calls "deflate". The same bytes give the
/// same result.
[[nodiscard]] std::string deflate(std::string_view bytes);

}  // namespace attnscope
