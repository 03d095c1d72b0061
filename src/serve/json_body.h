// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace attnscope::serve {

/// Throws:  Refused (400) naming the byte, and the JSON pointer of a duplicate key or a deep value.
[[nodiscard]] JsonValue parse_body(std::string_view body);

/// A value of a request's body and where it stands. What does not fit is Refused (400) with its JSON pointer.
/// The value outlives it.
class BodyPlace {
 public:
  explicit BodyPlace(const JsonValue& value, std::string pointer = {})
      : value_(&value), pointer_(std::move(pointer)) {}

  /// That this is an object with no other members than these.
  void allow(std::initializer_list<std::string_view> names) const;
  [[nodiscard]] BodyPlace member(std::string_view name) const;
  [[nodiscard]] std::optional<BodyPlace> find(std::string_view name) const;
  /// Of an array with `least` to `most` items.
  [[nodiscard]] std::vector<BodyPlace> items(std::size_t least, std::size_t most) const;

  [[nodiscard]] const std::string& text() const;
  /// From 0 to `count` - 1. `what` is counted: "layers".
  [[nodiscard]] std::int64_t index(std::int64_t count, const char* what) const;
  [[nodiscard]] double number(double least, double most) const;
  /// The position of the text among `words`.
  [[nodiscard]] std::size_t choice(std::initializer_list<std::string_view> words) const;

  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const;

 private:
  [[noreturn]] void expected(const char* what) const;

  const JsonValue* value_;
  std::string pointer_;
};

}  // namespace attnscope::serve
