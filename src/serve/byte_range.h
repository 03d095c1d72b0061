// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace attnscope::serve {

/// Bytes [begin, end) of a whole.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// What a Range field asks for.
struct RangeWish {
  enum class Kind {
    whole,  ///< no range, several, another unit or no valid one: the field is to be ignored
    part,
    impossible  ///< nothing of it exists
  } kind = Kind::whole;
  ByteRange range = {};
};
[[nodiscard]] RangeWish read_range(std::string_view field, std::size_t size);

/// Whether an If-None-Match list names the tag, be it as a weak one. "*" names none.
[[nodiscard]] bool names_tag(std::string_view list, std::string_view tag);

/// Whether an Accept-Encoding list takes the coding: named, or by *, with a weight over 0.
[[nodiscard]] bool takes_coding(std::string_view list, std::string_view coding);

}  // namespace attnscope::serve
