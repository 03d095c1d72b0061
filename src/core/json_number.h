// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>
#include <system_error>

#include "core/json_walk.h"

namespace attnscope {

inline bool is_json_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the number that `text` starts with by JSON's grammar; 0 if there is none.
inline std::size_t json_number_length(std::string_view text) {
  std::size_t at = 0;
  const auto accept = [&](std::string_view any_of) {
    const bool found = at < text.size() && any_of.find(text[at]) != std::string_view::npos;
    at += found ? 1 : 0;
    return found;
  };
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_json_digit(text[at])) ++at;
    return at != start;
  };
  accept("-");
  if (!accept("0") && !digits()) return 0;
  if (accept(".") && !digits()) return 0;
  if (accept("eE")) {
    accept("+-");
    if (!digits()) return 0;
  }
  return at;
}

/// Fills kind and value from a token of valid grammar; false if it is out of the range of a double.
/// Integers beyond 64 bits and "-0" become numbers, as in other strict readers.
inline bool read_json_number(std::string_view token, JsonScalar& scalar) {
  const char* end = token.data() + token.size();
  const auto whole = [&](std::from_chars_result result) {
    return result.ec == std::errc{} && result.ptr == end;
  };
  scalar.kind = JsonValue::Kind::number;
  if (!whole(std::from_chars(token.data(), end, scalar.number)) || !std::isfinite(scalar.number))
    return false;
  if (token == "-0") return true;
  if (whole(std::from_chars(token.data(), end, scalar.integer))) {
    scalar.kind = JsonValue::Kind::integer;
  } else if (whole(std::from_chars(token.data(), end, scalar.unsigned_integer))) {
    scalar.kind = JsonValue::Kind::unsigned_integer;
  }
  return true;
}

}  // namespace attnscope
