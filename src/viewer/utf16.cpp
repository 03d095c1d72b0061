// SPDX-License-Identifier: Apache-2.0
#include "viewer/utf16.h"

#include "core/utf8.h"

namespace attnscope {

Utf16Positions::Utf16Positions(std::string_view text) {
  constexpr char32_t kFirstOfTwoUnits = 0x10000;
  units_.reserve(text.size() + 1);
  std::int64_t units = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    const std::size_t length = character.length == 0 ? 1 : static_cast<std::size_t>(character.length);
    units_.insert(units_.end(), length, units);  // bytes within a character stand where it begins
    units += character.scalar >= kFirstOfTwoUnits ? 2 : 1;
    at += length;
  }
  units_.push_back(units);
}

}  // namespace attnscope
