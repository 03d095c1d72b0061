// SPDX-License-Identifier: Apache-2.0
#include "serve/json_body.h"

#include <algorithm>

#include "core/message.h"
#include "serve/http.h"

namespace attnscope::serve {

JsonValue parse_body(std::string_view body) {
  JsonResult result = parse_json(body);
  if (result.value) return std::move(*result.value);
  const JsonProblem& found = *result.problem;
  throw Refused{400, problem(ErrorKind::usage, "BODY_JSON", "body")
                         .at_byte(found.offset)
                         .field(found.pointer)
                         .found("{}", found.what)
                         .hint("send one JSON object")};
}

void BodyPlace::refuse(const std::string& what, const std::string& hint) const {
  throw Refused{400, problem(ErrorKind::usage, "BODY", "body")
                         .field(pointer_.empty() ? "/" : pointer_)
                         .found("{}", what)
                         .hint("{}", hint)};
}

void BodyPlace::expected(const char* what) const {
  refuse(fmt::format("found {}, expected {}", value_->kind_name(), what), "");
}

void BodyPlace::allow(std::initializer_list<std::string_view> names) const {
  if (!value_->is_object()) expected("an object");
  for (const JsonValue::Member& member : value_->members()) {
    if (std::find(names.begin(), names.end(), member.key) != names.end()) continue;
    BodyPlace(member.value, json_pointer(pointer_, member.key))
        .refuse("no such member", fmt::format("leave it out; there are {}", fmt::join(names, ", ")));
  }
}

BodyPlace BodyPlace::member(std::string_view name) const {
  const auto found = find(name);
  if (!found) refuse(fmt::format("no member '{}'", name), "add it");
  return *found;
}

std::optional<BodyPlace> BodyPlace::find(std::string_view name) const {
  if (!value_->is_object()) expected("an object");
  const JsonValue* found = value_->find(name);
  if (found == nullptr) return std::nullopt;
  return BodyPlace(*found, json_pointer(pointer_, name));
}

std::vector<BodyPlace> BodyPlace::items(std::size_t least, std::size_t most) const {
  if (!value_->is_array()) expected("an array");
  const std::size_t count = value_->items().size();
  if (count < least || count > most)
    refuse(fmt::format("{} items", count),
           least == most ? fmt::format("give {}", least) : fmt::format("give {} to {}", least, most));
  std::vector<BodyPlace> places;
  for (std::size_t i = 0; i < count; ++i) places.emplace_back(value_->items()[i], json_pointer(pointer_, i));
  return places;
}

const std::string& BodyPlace::text() const {
  if (value_->as_string() == nullptr) expected("a string");
  return *value_->as_string();
}

std::int64_t BodyPlace::index(std::int64_t count, const char* what) const {
  const auto number = value_->as_int();
  if (!number && !value_->as_uint()) expected("an integer");
  if (count == 0) refuse(fmt::format("there are no {}", what), "");
  if (!number || *number < 0 || *number >= count)
    refuse(number ? fmt::format("{}, which is not among the {}", *number, what)
                  : fmt::format("{}, which is not among the {}", *value_->as_uint(), what),
           fmt::format("give 0 to {}", count - 1));
  return *number;
}

double BodyPlace::number(double least, double most) const {
  const auto number = value_->as_double();
  if (!number) expected("a number");
  if (!(*number >= least && *number <= most))
    refuse(fmt::format("{}, which is out of range", *number), fmt::format("give {} to {}", least, most));
  return *number;
}

std::size_t BodyPlace::choice(std::initializer_list<std::string_view> words) const {
  const auto* const found = std::find(words.begin(), words.end(), text());
  if (found == words.end())
    refuse(fmt::format("'{}'", text()), fmt::format("choose from {}", fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

}  // namespace attnscope::serve
