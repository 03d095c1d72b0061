// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attnscope {

/// One decoded character: length 0 means that the bytes there are not valid UTF-8.
struct Utf8Char {
  char32_t scalar = 0;
  int length = 0;
};

/// The character at `offset` < text.size(). Overlong forms, surrogates and values over U+10FFFF are invalid.
[[nodiscard]] Utf8Char decode_utf8(std::string_view text, std::size_t offset);

/// Offset of the first byte that is not part of valid UTF-8.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text);

void append_utf8(std::string& text, char32_t scalar);

}  // namespace attnscope
