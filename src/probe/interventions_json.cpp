// SPDX-License-Identifier: Apache-2.0
//
// Interventions as JSON text and back.

#include <array>
#include <cmath>
#include <limits>

#include "attnscope/interventions.h"
#include "attnscope/outputs.h"
#include "core/json.h"
#include "core/message.h"

namespace attnscope {
namespace {

constexpr std::array<EditKind, 6> kKinds{EditKind::zero_heads,    EditKind::mean_heads,
                                         EditKind::uniform_heads, EditKind::knock_out,
                                         EditKind::zero_weights,  EditKind::patch};

// ---- Writing

void write_value(JsonWriter& json, const Tensor& value) {
  json.begin_object().key("shape").value(
      std::vector<std::int64_t>(value.shape().begin(), value.shape().end()));
  json.key("data").begin_array();
  // As doubles, which every float is: what reads them back as doubles gets the same floats.
  for (std::int64_t i = 0; i < value.count(); ++i) json.value(static_cast<double>(value.f32()[i]));
  json.end_array().end_object();
}

void write_pairs(JsonWriter& json, const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  json.begin_array();
  for (const auto& [query, key] : pairs) json.value(std::vector<std::int64_t>{query, key});
  json.end_array();
}

void write_edit(JsonWriter& json, const Edit& edit) {
  json.begin_object().key("kind").value(name(edit.kind));
  if (edit.kind == EditKind::patch) {
    json.key("path").value(edit.path).key("output").value(edit.output);
    if (!edit.rows.empty()) json.key("rows").value(edit.rows);
  } else {
    json.key("layer").value(edit.layer);
    if (!edit.heads.empty()) json.key("heads").value(edit.heads);
    if (!edit.pairs.empty()) write_pairs(json.key("pairs"), edit.pairs);
  }
  if (!edit.value.empty()) write_value(json.key("value"), edit.value);
  if (edit.text.has_value()) json.key("text").value(*edit.text);
  json.end_object();
}

// ---- Reading

[[noreturn]] void refuse(const std::string& pointer, const std::string& what, const std::string& hint) {
  throw InvalidArgument(problem(ErrorKind::usage, "EDIT_JSON", "edits")
                            .field(pointer.empty() ? "/" : pointer)
                            .found("{}", what)
                            .hint("{}", hint));
}

/// A value and where it stands.
struct Place {
  const JsonValue& value;
  std::string pointer;

  [[noreturn]] void expected(const char* what) const {
    refuse(pointer, fmt::format("found {}, expected {}", value.kind_name(), what),
           "write edits as Interventions::to_json does");
  }
  [[nodiscard]] std::int64_t integer() const {
    const auto number = value.as_int();
    if (!number.has_value()) expected("an integer");
    return *number;
  }
  [[nodiscard]] const std::string& text() const {
    if (value.as_string() == nullptr) expected("a string");
    return *value.as_string();
  }
  [[nodiscard]] float number() const {
    const auto number = value.as_double();
    if (!number.has_value()) expected("a number");
    const auto rounded = static_cast<float>(*number);
    if (!std::isfinite(rounded))
      refuse(pointer, "a number beyond the range of float32", "give a smaller one");
    return rounded;
  }
  [[nodiscard]] Place member(const char* key) const {
    if (!value.is_object()) expected("an object");
    const JsonValue* found = value.find(key);
    if (found == nullptr) refuse(pointer, fmt::format("no member '{}'", key), "add it");
    return {*found, json_pointer(pointer, key)};
  }
  // What `read` makes of each item of an array.
  template <class Read>
  [[nodiscard]] auto items(const Read& read) const {
    if (!value.is_array()) expected("an array");
    std::vector<decltype(read(*this))> results;
    for (std::size_t i = 0; i < value.items().size(); ++i)
      results.push_back(read(Place{value.items()[i], json_pointer(pointer, i)}));
    return results;
  }
  [[nodiscard]] std::vector<std::int64_t> integers() const {
    return items([](const Place& item) { return item.integer(); });
  }
};

EditKind read_kind(const Place& place) {
  const std::string& text = place.text();
  for (const EditKind kind : kKinds)
    if (text == name(kind)) return kind;
  std::vector<std::string> names;
  for (const EditKind kind : kKinds) names.emplace_back(name(kind));
  refuse(place.pointer, fmt::format("no kind '{}'", text),
         fmt::format("choose from {}", fmt::join(names, ", ")));
}

std::pair<std::int64_t, std::int64_t> read_pair(const Place& place) {
  const std::vector<std::int64_t> numbers = place.integers();
  if (numbers.size() != 2)
    refuse(place.pointer, fmt::format("{} numbers", numbers.size()), "give [query, key]");
  return {numbers[0], numbers[1]};
}

Shape read_shape(const Place& place, std::size_t count) {
  const std::vector<std::int64_t> sizes = place.integers();
  if (sizes.size() > Shape::kMaxRank)
    refuse(place.pointer, fmt::format("{} dimensions", sizes.size()),
           fmt::format("give at most {}", Shape::kMaxRank));
  const auto limit = static_cast<std::int64_t>(count);
  std::int64_t product = 1;
  for (const std::int64_t size : sizes) {
    if (size < 1 || product > limit / size)
      refuse(place.pointer, fmt::format("shape [{}] for {} numbers", fmt::join(sizes, ", "), count),
             "give as many numbers as the shape says");
    product *= size;
  }
  if (product != limit)
    refuse(place.pointer, fmt::format("shape [{}] for {} numbers", fmt::join(sizes, ", "), count),
           "give as many numbers as the shape says");
  return Shape(sizes);
}

Tensor read_value(const Place& place) {
  const std::vector<float> values =
      place.member("data").items([](const Place& item) { return item.number(); });
  return Tensor::of(read_shape(place.member("shape"), values.size()), values);
}

void read_field(Edit& edit, const std::string& key, const Place& place) {
  if (key == "layer")
    edit.layer = place.integer();
  else if (key == "heads")
    edit.heads = place.integers();
  else if (key == "pairs")
    edit.pairs = place.items(read_pair);
  else if (key == "path")
    edit.path = place.text();
  else if (key == "output")
    edit.output = place.integer();
  else if (key == "rows")
    edit.rows = place.integers();
  else if (key == "value")
    edit.value = read_value(place);
  else if (key == "text")
    edit.text = place.integer();
  else if (key != "kind")
    refuse(place.pointer, fmt::format("no field '{}'", key), "leave it out");
}

Edit read_edit(const Place& place) {
  Edit edit;
  edit.kind = read_kind(place.member("kind"));
  if (edit.kind != EditKind::patch) static_cast<void>(place.member("layer"));
  for (const JsonValue::Member& member : place.value.members())
    read_field(edit, member.key, {member.value, json_pointer(place.pointer, member.key)});
  return edit;
}

}  // namespace

std::string Interventions::to_json() const {
  JsonWriter json;
  json.begin_array();
  for (const Edit& edit : edits_) write_edit(json, edit);
  json.end_array();
  return json.text();
}

Interventions Interventions::from_json(std::string_view json) {
  const JsonResult parsed = parse_json(json);
  if (parsed.problem)
    throw InvalidArgument(problem(ErrorKind::usage, "EDIT_JSON", "edits")
                              .field(parsed.problem->pointer)
                              .at_byte(parsed.problem->offset)
                              .found("{}", parsed.problem->what)
                              .hint("give what to_json wrote"));
  Interventions result;
  for (Edit& edit : Place{*parsed.value, ""}.items(read_edit)) result.add(std::move(edit));
  return result;
}

}  // namespace attnscope
