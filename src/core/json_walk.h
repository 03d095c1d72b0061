// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json.h"

namespace attnscope {

/// A value that contains no other; only the field of its kind is set.
struct JsonScalar {
  JsonValue::Kind kind = JsonValue::Kind::null;
  std::uint64_t offset = 0;
  bool boolean = false;
  std::int64_t integer = 0;            ///< of kind integer
  std::uint64_t unsigned_integer = 0;  ///< of kind unsigned_integer: over 2^63 - 1
  double number = 0;                   ///< every kind of number
  std::string_view text;               ///< without escapes; valid during the call
};

/// Takes what walk_json() meets, in file order.
class JsonHandler {
 public:
  virtual ~JsonHandler() = default;
  virtual void begin(JsonValue::Kind container, std::uint64_t offset) = 0;  ///< an array or an object
  virtual void end() = 0;                                                   ///< keys are known to be unique
  virtual void key(std::string_view key, std::uint64_t offset) = 0;
  virtual void scalar(const JsonScalar& scalar) = 0;
};

/// Walks a text without building a tree: for texts with millions of values. What the handler saw before a
/// problem was found is not to be trusted.
/// Cost:  4 bytes of memory for each structural character, 24 for each key.
[[nodiscard]] std::optional<JsonProblem> walk_json(std::string_view text, JsonHandler& handler,
                                                   const JsonLimits& limits = {});

}  // namespace attnscope
