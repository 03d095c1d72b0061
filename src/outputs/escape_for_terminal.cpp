// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "attnscope/outputs.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

bool is_control(char32_t scalar) { return scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0); }

bool is_bidi_control(char32_t scalar) {
  return scalar == 0x61C || scalar == 0x200E || scalar == 0x200F || (scalar >= 0x202A && scalar <= 0x202E) ||
         (scalar >= 0x2066 && scalar <= 0x2069);
}

/// Line and paragraph separators, byte order mark, tags: nothing to see, much to hide behind.
bool is_invisible(char32_t scalar) {
  return scalar == 0x2028 || scalar == 0x2029 || scalar == 0xFEFF || (scalar >= 0xE0000 && scalar <= 0xE007F);
}

void append_escaped(std::string& text, char32_t scalar) {
  const auto number = static_cast<unsigned>(scalar);
  text += number < 0x80 ? fmt::format("\\x{:02X}", number) : fmt::format("\\u{{{:X}}}", number);
}

}  // namespace

std::string escape_for_terminal(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    const auto length = static_cast<std::size_t>(character.length == 0 ? 1 : character.length);
    if (character.length == 0) {
      fmt::format_to(std::back_inserter(escaped), "\\x{:02X}", static_cast<unsigned char>(text[at]));
    } else if (is_control(character.scalar) || is_bidi_control(character.scalar) ||
               is_invisible(character.scalar)) {
      append_escaped(escaped, character.scalar);
    } else {
      escaped += text.substr(at, length);
    }
    at += length;
  }
  return escaped;
}

}  // namespace attnscope
