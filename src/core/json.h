// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attnscope/error.h"

namespace attnscope {

/// A parsed JSON value that knows where it stood. Strict: UTF-8 (no overlong forms, no lone surrogates,
/// escaped or not), no duplicate keys (also through escapes), one value in the text, limited depth.
class JsonValue {
 public:
  enum class Kind { null, boolean, integer, unsigned_integer, number, string, array, object };
  struct Member;

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const char* kind_name() const;                    ///< "a string", "an object", for messages
  [[nodiscard]] std::uint64_t offset() const { return offset_; }  ///< byte of the value in the text
  [[nodiscard]] bool is_null() const { return kind_ == Kind::null; }
  [[nodiscard]] bool is_string() const { return kind_ == Kind::string; }
  [[nodiscard]] bool is_array() const { return kind_ == Kind::array; }
  [[nodiscard]] bool is_object() const { return kind_ == Kind::object; }

  /// Empty unless the value is of that kind (an integer that fits; as_double takes every number).
  [[nodiscard]] std::optional<bool> as_bool() const;
  [[nodiscard]] std::optional<std::int64_t> as_int() const;
  [[nodiscard]] std::optional<std::uint64_t> as_uint() const;
  [[nodiscard]] std::optional<double> as_double() const;
  [[nodiscard]] const std::string* as_string() const;

  [[nodiscard]] const std::vector<JsonValue>& items() const { return items_; }   ///< of an array
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }  ///< in file order
  [[nodiscard]] const JsonValue* find(std::string_view key) const;               ///< null if absent

 private:
  friend class JsonBuilder;
  Kind kind_ = Kind::null;
  std::uint64_t offset_ = 0;
  bool boolean_ = false;
  std::int64_t integer_ = 0;
  std::uint64_t unsigned_ = 0;
  double number_ = 0;
  std::string string_;
  std::vector<JsonValue> items_;
  std::vector<Member> members_;
};

struct JsonValue::Member {
  std::string key;
  std::uint64_t key_offset = 0;
  JsonValue value;
};

/// Why a text is not acceptable JSON, and where.
struct JsonProblem {
  enum class Kind { syntax, utf8, depth, duplicate_key };
  Kind kind = Kind::syntax;
  std::uint64_t offset = 0;
  std::uint64_t first_offset = 0;  ///< duplicate_key: where the key stood first
  std::string what;                ///< "expected ',' or '}'"
  std::string pointer;             ///< JSON pointer of the duplicate key or the deep value
};

struct JsonLimits {
  int max_depth = 128;
  std::uint64_t first_offset = 0;  ///< where the text stands in its file: added to every offset
};

/// Either the value or the problem.
struct JsonResult {
  std::optional<JsonValue> value;
  std::optional<JsonProblem> problem;
};
[[nodiscard]] JsonResult parse_json(std::string_view text, const JsonLimits& limits = {});

/// Throws CheckpointError with codes `prefix`_UTF8, _JSON, _DEPTH or DUPLICATE_KEY. `label` names the file.
[[noreturn]] void throw_json_problem(const JsonProblem& problem, const std::string& label,
                                     const std::string& prefix);

/// Parses a whole file's text and throws CheckpointError with codes `prefix`_UTF8, _JSON, _DEPTH or
/// DUPLICATE_KEY. A byte order mark is skipped. `label` names the file.
[[nodiscard]] JsonValue parse_json_file(std::string_view text, const std::string& label,
                                        const std::string& prefix);

/// One more reference token of a JSON pointer, escaped: pointer("/a", "b/c") is "/a/b~1c".
[[nodiscard]] std::string json_pointer(std::string_view parent, std::string_view key);
[[nodiscard]] std::string json_pointer(std::string_view parent, std::size_t index);

}  // namespace attnscope
