// SPDX-License-Identifier: Apache-2.0
#include "core/json_walk.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/json_number.h"
#include "core/json_syntax.h"
#include "core/utf8.h"

namespace attnscope {
namespace {

namespace ondemand = simdjson::ondemand;

struct Key {
  std::string_view text;
  std::uint64_t offset = 0;
};

std::string_view without_trailing_blanks(std::string_view token) {
  return token.substr(0, token.find_last_not_of(" \t\n\r") + 1);
}

class Walker {
 public:
  Walker(const char* text, JsonHandler& handler, const JsonLimits& limits)
      : text_(text), handler_(handler), limits_(limits) {}

  [[nodiscard]] std::uint64_t offset(const char* position) const {
    return limits_.first_offset + static_cast<std::uint64_t>(position - text_);
  }

  template <class Container>
  void nested(Container& value, JsonValue::Kind kind, std::uint64_t offset) {
    if (static_cast<int>(path_.size()) == limits_.max_depth)
      throw JsonProblem{JsonProblem::Kind::depth, offset, 0, "nested too deeply", pointer()};
    handler_.begin(kind, offset);
    path_.emplace_back();
    if (kind == JsonValue::Kind::object) {
      object(value.get_object());
    } else {
      array(value.get_array());
    }
    path_.pop_back();
    handler_.end();
  }

  /// A scalar whose token, blanks around it excluded, is known; `string` gives its text without escapes.
  template <class String>
  void scalar(std::string_view token, const String& string) {
    JsonScalar scalar;
    scalar.offset = offset(token.data());
    if (token.front() == '"') {
      scalar.kind = JsonValue::Kind::string;
      scalar.text = string();
    } else if (token == "true" || token == "false") {
      scalar.kind = JsonValue::Kind::boolean;
      scalar.boolean = token == "true";
    } else if (token != "null") {
      number(token, scalar);
    }
    handler_.scalar(scalar);
  }

 private:
  // What stands open: the key or index that led on from there.
  struct Step {
    std::string_view key;
    std::size_t index = 0;
    bool is_key = false;
  };

  void value(ondemand::value value) {
    const std::string_view token = without_trailing_blanks(value.raw_json_token());
    const char first = token.empty() ? '\0' : token.front();
    if (first == '{') return nested(value, JsonValue::Kind::object, offset(token.data()));
    if (first == '[') return nested(value, JsonValue::Kind::array, offset(token.data()));
    if (first == '\0') throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
    scalar(token, [&] { return std::string_view(value.get_string()); });
    if (first != '"') consume(value, first);
  }

  // simdjson checks what stands between two values only if each was asked for by its kind.
  static void consume(ondemand::value& value, char first) {
    if (first == 't' || first == 'f') {
      value.get_bool().value();
    } else if (first == 'n') {
      value.is_null().value();
    } else {
      value.get_double().value();
    }
  }

  void number(std::string_view token, JsonScalar& scalar) const {
    if (json_number_length(token) != token.size() || !read_json_number(token, scalar))
      throw simdjson::simdjson_error(simdjson::NUMBER_ERROR);
  }

  void object(ondemand::object object) {
    const std::size_t first_key = keys_.size();
    path_.back().is_key = true;
    for (auto field : object) {
      const std::uint64_t key_offset = offset(field.key().raw() - 1);
      const std::string_view key = field.unescaped_key();
      keys_.push_back({key, key_offset});
      path_.back().key = key;
      handler_.key(key, key_offset);
      value(field.value());
    }
    check_unique(first_key);
    keys_.resize(first_key);
  }

  void array(ondemand::array array) {
    for (auto item : array) {
      value(item.value());
      ++path_.back().index;
    }
  }

  void check_unique(std::size_t first_key) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first_key);
    std::sort(begin, keys_.end(), [](const Key& a, const Key& b) {
      return a.text != b.text ? a.text < b.text : a.offset < b.offset;
    });
    const auto same_text = [](const Key& a, const Key& b) { return a.text == b.text; };
    const auto twice = std::adjacent_find(begin, keys_.end(), same_text);
    if (twice == keys_.end()) return;
    path_.back().key = twice->text;
    throw JsonProblem{JsonProblem::Kind::duplicate_key, (twice + 1)->offset, twice->offset,
                      fmt::format("the key '{}' stands twice, first at byte {}", twice->text, twice->offset),
                      pointer()};
  }

  [[nodiscard]] std::string pointer() const {
    std::string pointer;
    for (const Step& step : path_)
      pointer = step.is_key ? json_pointer(pointer, step.key) : json_pointer(pointer, step.index);
    return pointer;
  }

  const char* text_;
  JsonHandler& handler_;
  const JsonLimits& limits_;
  std::vector<Step> path_;
  std::vector<Key> keys_;  // of all open objects, the innermost last
};

// The plain reader's verdict on the whole text.
std::optional<JsonProblem> syntax_problem(std::string_view text, const JsonLimits& limits) {
  auto problem = find_json_syntax_problem(text, limits);
  if (problem) problem->offset += limits.first_offset;
  return problem;
}

// simdjson has other functions for a document that is a scalar; the plain reader checks the little there is.
std::optional<JsonProblem> walk_lone_scalar(std::string_view token, std::string_view text,
                                            ondemand::document& document, Walker& walker,
                                            const JsonLimits& limits) {
  if (auto problem = syntax_problem(text, limits)) return problem;
  walker.scalar(without_trailing_blanks(token), [&] { return std::string_view(document.get_string()); });
  return std::nullopt;
}

std::optional<JsonProblem> walk_document(std::string_view text, JsonHandler& handler,
                                         const JsonLimits& limits) {
  const simdjson::padded_string padded(text);
  ondemand::parser parser;
  ondemand::document document = parser.iterate(padded);
  Walker walker(padded.data(), handler, limits);

  const std::string_view token = document.raw_json_token();
  const char* const start = token.data();
  if (*start == '{') {
    walker.nested(document, JsonValue::Kind::object, walker.offset(start));
  } else if (*start == '[') {
    walker.nested(document, JsonValue::Kind::array, walker.offset(start));
  } else {
    return walk_lone_scalar(token, text, document, walker, limits);
  }
  const bool more_follows = document.current_location().error() == simdjson::SUCCESS;
  return more_follows ? syntax_problem(text, limits) : std::nullopt;
}

}  // namespace

std::optional<JsonProblem> walk_json(std::string_view text, JsonHandler& handler,
                                     const JsonLimits& limits) try {
  if (const auto offset = find_invalid_utf8(text))
    return JsonProblem{JsonProblem::Kind::utf8, limits.first_offset + *offset, 0, "invalid UTF-8", {}};
  return walk_document(text, handler, limits);
} catch (const simdjson::simdjson_error& error) {
  if (auto problem = syntax_problem(text, limits)) return problem;
  return JsonProblem{JsonProblem::Kind::syntax, limits.first_offset, 0, error.what(), {}};
} catch (JsonProblem& problem) {
  return std::move(problem);
}

}  // namespace attnscope
