// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <fmt/format.h>

#include "core/json_walk.h"
#include "core/message.h"

namespace attnscope {

// Builds the tree bottom-up: a container stays on the stack until it ends, then moves into its parent.
class JsonBuilder : public JsonHandler {
 public:
  void begin(JsonValue::Kind container, std::uint64_t offset) override {
    JsonValue value;
    value.kind_ = container;
    value.offset_ = offset;
    open_.push_back({std::move(key_), key_offset_, std::move(value)});
  }

  void end() override {
    JsonValue::Member done = std::move(open_.back());
    open_.pop_back();
    key_ = std::move(done.key);
    key_offset_ = done.key_offset;
    add(std::move(done.value));
  }

  void key(std::string_view key, std::uint64_t offset) override {
    key_ = key;
    key_offset_ = offset;
  }

  void scalar(const JsonScalar& scalar) override {
    JsonValue value;
    value.kind_ = scalar.kind;
    value.offset_ = scalar.offset;
    value.boolean_ = scalar.boolean;
    value.integer_ = scalar.integer;
    value.unsigned_ = scalar.unsigned_integer;
    value.number_ = scalar.number;
    value.string_ = scalar.text;
    add(std::move(value));
  }

  JsonValue take() { return std::move(root_); }

 private:
  void add(JsonValue value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (JsonValue& parent = open_.back().value; parent.kind_ == JsonValue::Kind::array) {
      parent.items_.push_back(std::move(value));
    } else {
      parent.members_.push_back({std::move(key_), key_offset_, std::move(value)});
    }
  }

  std::string key_;
  std::uint64_t key_offset_ = 0;
  std::vector<JsonValue::Member> open_;
  JsonValue root_;
};

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string code_of(JsonProblem::Kind kind, const std::string& prefix) {
  switch (kind) {
    case JsonProblem::Kind::syntax:
      return prefix + "_JSON";
    case JsonProblem::Kind::utf8:
      return prefix + "_UTF8";
    case JsonProblem::Kind::depth:
      return prefix + "_DEPTH";
    case JsonProblem::Kind::duplicate_key:
      break;
  }
  return "DUPLICATE_KEY";
}

}  // namespace

const char* JsonValue::kind_name() const {
  switch (kind_) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
    case Kind::unsigned_integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
  }
  return "";
}

std::optional<bool> JsonValue::as_bool() const {
  if (kind_ != Kind::boolean) return std::nullopt;
  return boolean_;
}

std::optional<std::int64_t> JsonValue::as_int() const {
  if (kind_ != Kind::integer) return std::nullopt;
  return integer_;
}

std::optional<std::uint64_t> JsonValue::as_uint() const {
  if (kind_ == Kind::unsigned_integer) return unsigned_;
  if (kind_ != Kind::integer || integer_ < 0) return std::nullopt;
  return static_cast<std::uint64_t>(integer_);
}

std::optional<double> JsonValue::as_double() const {
  if (kind_ != Kind::integer && kind_ != Kind::unsigned_integer && kind_ != Kind::number) return std::nullopt;
  return number_;
}

const std::string* JsonValue::as_string() const { return kind_ == Kind::string ? &string_ : nullptr; }

const JsonValue* JsonValue::find(std::string_view key) const {
  for (const Member& member : members_)
    if (member.key == key) return &member.value;
  return nullptr;
}

JsonResult parse_json(std::string_view text, const JsonLimits& limits) {
  JsonBuilder builder;
  if (auto problem = walk_json(text, builder, limits)) return {std::nullopt, std::move(problem)};
  return {builder.take(), std::nullopt};
}

void throw_json_problem(const JsonProblem& found, const std::string& label, const std::string& prefix) {
  throw CheckpointError(problem(ErrorKind::input, code_of(found.kind, prefix), label)
                            .at_byte(found.offset)
                            .field(found.pointer)
                            .found("{}", found.what)
                            .hint("the file is damaged or was written by a faulty program"));
}

JsonValue parse_json_file(std::string_view text, const std::string& label, const std::string& prefix) {
  JsonLimits limits;
  limits.first_offset = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  JsonResult result = parse_json(text.substr(limits.first_offset), limits);
  if (result.value) return std::move(*result.value);
  throw_json_problem(*result.problem, label, prefix);
}

std::string json_pointer(std::string_view parent, std::string_view key) {
  std::string pointer(parent);
  pointer += '/';
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string json_pointer(std::string_view parent, std::size_t index) {
  return fmt::format("{}/{}", parent, index);
}

}  // namespace attnscope
