// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace attnscope {

/// A name out of a file as a message may show it: cut if long, control characters as \xNN (a terminal would
/// obey them).
[[nodiscard]] inline std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 120;
  std::string text;
  for (const char c : name.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return name.size() > kLongest ? text + "..." : text;
}

}  // namespace attnscope
