// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/message.h"

namespace attnscope {

/// A value of a tokenizer file together with its file and JSON pointer, so that every complaint is located.
/// The value and the file name outlive it.
class JsonPlace {
 public:
  JsonPlace(const JsonValue& value, const std::string& file, std::string pointer = {})
      : value_(&value), file_(&file), pointer_(std::move(pointer)) {}

  [[nodiscard]] const JsonValue& value() const { return *value_; }
  [[nodiscard]] const std::string& file() const { return *file_; }
  [[nodiscard]] const std::string& pointer() const { return pointer_; }

  /// Member of an object; absent and null are the same.
  [[nodiscard]] std::optional<JsonPlace> find(std::string_view key) const;
  [[nodiscard]] JsonPlace require(std::string_view key) const;
  [[nodiscard]] std::vector<JsonPlace> items() const;
  struct Member;
  [[nodiscard]] std::vector<Member> members() const;

  [[nodiscard]] const std::string& string() const;
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::int64_t integer() const;
  /// A token id: 0 to 2^32 - 2. Throws CheckpointError (TOK_ID) that names the token.
  [[nodiscard]] std::uint32_t token_id(std::string_view token) const;
  /// The member `type`, by which the kinds of tokenizer.json go; empty if there is none.
  [[nodiscard]] std::string type() const;

  /// Starts an error about this place.
  [[nodiscard]] Problem problem(std::string code) const;
  /// Throws UnsupportedModel (TOK_UNSUPPORTED): "normalizer 'X'".
  [[noreturn]] void refuse_kind(std::string_view what, std::string_view kind) const;

 private:
  [[noreturn]] void refuse_type(std::string_view expected) const;

  const JsonValue* value_;
  const std::string* file_;
  std::string pointer_;
};

struct JsonPlace::Member {
  const std::string& key;
  JsonPlace place;
};

}  // namespace attnscope
