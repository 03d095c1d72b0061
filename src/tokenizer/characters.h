// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "core/utf8.h"

namespace attnscope {

/// The character at `offset` of valid UTF-8; ASCII, nearly all text, costs no call.
[[nodiscard]] inline Utf8Char character_at(std::string_view text, std::size_t offset) {
  const auto byte = static_cast<unsigned char>(text[offset]);
  if (byte < 0x80) return {byte, 1};
  return decode_utf8(text, offset);
}

[[nodiscard]] inline bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Where the character begins that ends before `offset` > 0 of valid UTF-8.
[[nodiscard]] inline std::size_t previous_character(std::string_view text, std::size_t offset) {
  do --offset;
  while (offset > 0 && !starts_character(text[offset]));
  return offset;
}

}  // namespace attnscope
