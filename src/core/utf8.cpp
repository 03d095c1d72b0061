// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <cstring>

namespace attnscope {
namespace {

constexpr Utf8Char kInvalid{};

// What the first byte promises: how many bytes follow, its own bits, and the smallest scalar of that length.
struct Lead {
  int continuation = -1;
  char32_t bits = 0;
  char32_t smallest = 0;
};

Lead read_lead(unsigned char byte) {
  if (byte < 0x80) return {0, byte, 0};
  if ((byte & 0xE0U) == 0xC0) return {1, byte & 0x1FU, 0x80};
  if ((byte & 0xF0U) == 0xE0) return {2, byte & 0x0FU, 0x800};
  if ((byte & 0xF8U) == 0xF0) return {3, byte & 0x07U, 0x10000};
  return {};
}

bool is_surrogate(char32_t scalar) { return scalar >= 0xD800 && scalar <= 0xDFFF; }

bool next_eight_are_ascii(std::string_view text, std::size_t offset) {
  if (text.size() - offset < 8) return false;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, text.data() + offset, 8);
  return (bytes & 0x8080808080808080U) == 0;
}

}  // namespace

Utf8Char decode_utf8(std::string_view text, std::size_t offset) {
  const Lead lead = read_lead(static_cast<unsigned char>(text[offset]));
  if (lead.continuation < 0 || text.size() - offset <= static_cast<std::size_t>(lead.continuation))
    return kInvalid;
  char32_t scalar = lead.bits;
  for (int i = 1; i <= lead.continuation; ++i) {
    const auto byte = static_cast<unsigned char>(text[offset + static_cast<std::size_t>(i)]);
    if ((byte & 0xC0U) != 0x80) return kInvalid;
    scalar = (scalar << 6U) | (byte & 0x3FU);
  }
  if (scalar < lead.smallest || scalar > 0x10FFFF || is_surrogate(scalar)) return kInvalid;
  return {scalar, lead.continuation + 1};
}

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  for (std::size_t offset = 0; offset < text.size();) {
    if (next_eight_are_ascii(text, offset)) {
      offset += 8;
      continue;
    }
    const int length = decode_utf8(text, offset).length;
    if (length == 0) return offset;
    offset += static_cast<std::size_t>(length);
  }
  return std::nullopt;
}

void append_utf8(std::string& text, char32_t scalar) {
  const auto continuation = [&](unsigned shift) {
    text += static_cast<char>(0x80U | ((scalar >> shift) & 0x3FU));
  };
  if (scalar < 0x80) {
    text += static_cast<char>(scalar);
  } else if (scalar < 0x800) {
    text += static_cast<char>(0xC0U | (scalar >> 6U));
    continuation(0);
  } else if (scalar < 0x10000) {
    text += static_cast<char>(0xE0U | (scalar >> 12U));
    continuation(6);
    continuation(0);
  } else {
    text += static_cast<char>(0xF0U | (scalar >> 18U));
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace attnscope
