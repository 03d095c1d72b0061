// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/config.h"

#include <algorithm>
#include <cmath>

#include "attnscope/error.h"
#include "checkpoint/labels.h"
#include "checkpoint/shown.h"
#include "core/message.h"

namespace attnscope {
namespace {

constexpr const char* kFileName = "config.json";
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::string read_config(const ModelFiles& files) try {
  if (!files.has(kFileName))
    throw CheckpointError(problem(ErrorKind::input, "CFG_MISSING", files.label(kFileName))
                              .found("the model has no config.json")
                              .hint("give a directory as transformers' save_pretrained() writes it"));
  return files.text(kFileName, kMaxBytes);
} catch (const LimitError& error) {
  ErrorInfo info = error.info();
  info.code = "CFG_LIMIT";
  throw LimitError(std::move(info));
}

// The last key that starts before `offset`: for texts that are no JSON and have no pointers.
std::string key_before(std::string_view text, std::size_t offset) {
  const std::size_t end = text.substr(0, offset).rfind('"');
  if (end == text.npos || end == 0) return {};
  const std::size_t start = text.rfind('"', end - 1);
  return start == text.npos ? std::string() : std::string(text.substr(start + 1, end - start - 1));
}

// Python's json module writes NaN and Infinity, which are no JSON: worth a message of its own.
void refuse_non_finite(std::string_view text, const std::string& label) {
  const JsonResult result = parse_json(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
  if (!result.problem || result.problem->kind != JsonProblem::Kind::syntax) return;
  const std::size_t offset = result.problem->offset + (text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
    if (rest.starts_with(word))
      throw CheckpointError(problem(ErrorKind::input, "CFG_VALUE", label)
                                .at_byte(offset)
                                .field(json_pointer("", shown(key_before(text, offset))))
                                .found("{} is not a number that can be computed with", word)
                                .hint("put a finite number there"));
}

bool is_given(const JsonValue* value) { return value != nullptr && !value->is_null(); }

}  // namespace

Config Config::read(const ModelFiles& files) {
  Config config;
  config.label_ = files.label(kFileName);
  const std::string text = read_config(files);
  refuse_non_finite(text, config.label_);
  config.root_ = parse_json_file(text, config.label_, "CFG");
  if (!config.root_.is_object())
    throw CheckpointError(problem(ErrorKind::input, "CFG_VALUE", config.label_)
                              .at_byte(config.root_.offset())
                              .found("{}, expected an object", config.root_.kind_name()));
  if (text.starts_with("\xEF\xBB\xBF"))
    config.notices_.push_back(config.label_ + ": starts with a byte order mark");
  if (config.root_.find("auto_map") != nullptr || config.root_.find("trust_remote_code") != nullptr)
    config.notices_.push_back(config.label_ +
                              ": names code of its own (auto_map, trust_remote_code), which is ignored");
  return config;
}

bool Config::has(std::string_view key) const { return root_.find(key) != nullptr; }

std::int64_t Config::integer(std::string_view key, std::int64_t low, std::int64_t high) const {
  const JsonValue* value = root_.find(key);
  if (!is_given(value))
    fail_value(key, "is missing", fmt::format("expected an integer from {} to {}", low, high));
  const bool is_huge = value->kind() == JsonValue::Kind::unsigned_integer;
  const std::optional<std::int64_t> number = value->as_int();
  if (!number && !is_huge) fail_value(key, fmt::format("{}, expected an integer", value->kind_name()), "");
  if (is_huge || *number < low || *number > high)
    fail_rule(key, fmt::format("{}, expected {} to {}", is_huge ? "over 2^63" : std::to_string(*number), low,
                               high));
  return *number;
}

std::int64_t Config::integer(std::string_view key, std::int64_t low, std::int64_t high,
                             std::int64_t fallback) const {
  return is_given(root_.find(key)) ? integer(key, low, high) : fallback;
}

double Config::positive_number(std::string_view key, double fallback) const {
  const JsonValue* value = root_.find(key);
  if (!is_given(value)) return fallback;
  const std::optional<double> number = value->as_double();
  if (!number) fail_value(key, fmt::format("{}, expected a number", value->kind_name()), "");
  if (!(*number > 0)) fail_value(key, fmt::format("{}, expected a number over 0", *number), "");
  return *number;
}

std::string Config::text(std::string_view key, std::string_view fallback) const {
  const JsonValue* value = root_.find(key);
  if (!is_given(value)) return std::string(fallback);
  if (!value->is_string()) fail_value(key, fmt::format("{}, expected a string", value->kind_name()), "");
  return *value->as_string();
}

bool Config::flag(std::string_view key, bool fallback) const {
  const JsonValue* value = root_.find(key);
  if (!is_given(value)) return fallback;
  if (!value->as_bool()) fail_value(key, fmt::format("{}, expected true or false", value->kind_name()), "");
  return *value->as_bool();
}

std::vector<std::string> Config::architectures() const {
  const JsonValue* value = root_.find("architectures");
  if (!is_given(value)) return {};
  if (!value->is_array())
    fail_value("architectures", fmt::format("{}, expected an array", value->kind_name()), "");
  std::vector<std::string> names;
  for (const JsonValue& item : value->items()) {
    if (!item.is_string())
      fail_value("architectures", fmt::format("holds {}, expected strings", item.kind_name()), "");
    names.push_back(*item.as_string());
  }
  return names;
}

std::string Config::model_type(const std::vector<std::string>& supported) const {
  const JsonValue* value = root_.find("model_type");
  const std::string* name = value == nullptr ? nullptr : value->as_string();
  if (name != nullptr && std::find(supported.begin(), supported.end(), *name) != supported.end())
    return *name;
  const std::string found = value == nullptr  ? "is missing"
                            : name == nullptr ? value->kind_name()
                                              : fmt::format("'{}' is not supported", shown(*name));
  throw UnsupportedModel(problem(ErrorKind::input, "CFG_ARCH", label_)
                             .field("/model_type")
                             .found("{}, expected one of: {}", found, fmt::join(supported, ", "))
                             .hint("choose a checkpoint of a supported kind"));
}

std::vector<std::string> Config::labels() const {
  const JsonValue* names = root_.find("id2label");
  if (!is_given(names)) return default_labels(integer("num_labels", 1, kMaxLabels, 2));
  LabelTable table =
      read_labels(*names, [this](const char* code, const std::string& where, const std::string& what) {
        throw CheckpointError(problem(ErrorKind::input, code, label_).field(where).found("{}", what));
      });
  if (table.holes != 0) {
    std::string notice =
        fmt::format("{}: /id2label: {} ids have no name and are called LABEL_i", label_, table.holes);
    if (std::find(notices_.begin(), notices_.end(), notice) == notices_.end())
      notices_.push_back(std::move(notice));
  }
  return std::move(table.names);
}

void Config::fail_rule(std::string_view key, const std::string& what) const {
  throw CheckpointError(problem(ErrorKind::input, "CFG_RANGE", label_)
                            .field(json_pointer("", key))
                            .found("{}", what)
                            .hint("correct {} or fetch the model again", kFileName));
}

void Config::fail_value(std::string_view key, const std::string& what, const std::string& hint) const {
  throw CheckpointError(problem(ErrorKind::input, "CFG_VALUE", label_)
                            .field(json_pointer("", key))
                            .found("{}", what)
                            .hint("{}", hint));
}

}  // namespace attnscope
