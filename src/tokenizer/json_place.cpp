// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/json_place.h"

#include <limits>

namespace attnscope {

Problem JsonPlace::problem(std::string code) const {
  Problem result = attnscope::problem(ErrorKind::input, std::move(code), *file_);
  result.field(pointer_.empty() ? "/" : pointer_);
  return result;
}

void JsonPlace::refuse_type(std::string_view expected) const {
  throw CheckpointError(problem("TOK_FIELD")
                            .found("is {}, expected {}", value_->kind_name(), expected)
                            .hint("save the tokenizer again with the tokenizers library"));
}

void JsonPlace::refuse_kind(std::string_view what, std::string_view kind) const {
  throw UnsupportedModel(
      problem("TOK_UNSUPPORTED")
          .found("{} '{}' is not implemented", what, kind)
          .hint("attnscope reads BERT WordPiece tokenizers: BertNormalizer, BertPreTokenizer, "
                "TemplateProcessing or BertProcessing"));
}

std::optional<JsonPlace> JsonPlace::find(std::string_view key) const {
  if (!value_->is_object()) refuse_type("an object");
  const JsonValue* const member = value_->find(key);
  if (member == nullptr || member->is_null()) return std::nullopt;
  return JsonPlace(*member, *file_, json_pointer(pointer_, key));
}

JsonPlace JsonPlace::require(std::string_view key) const {
  if (auto member = find(key)) return *member;
  throw CheckpointError(problem("TOK_FIELD")
                            .found("has no '{}'", key)
                            .hint("save the tokenizer again with the tokenizers library"));
}

std::vector<JsonPlace> JsonPlace::items() const {
  if (!value_->is_array()) refuse_type("an array");
  std::vector<JsonPlace> places;
  places.reserve(value_->items().size());
  for (const JsonValue& item : value_->items()) {
    places.emplace_back(item, *file_, json_pointer(pointer_, places.size()));
  }
  return places;
}

std::vector<JsonPlace::Member> JsonPlace::members() const {
  if (!value_->is_object()) refuse_type("an object");
  std::vector<Member> members;
  members.reserve(value_->members().size());
  for (const JsonValue::Member& member : value_->members()) {
    members.push_back({member.key, JsonPlace(member.value, *file_, json_pointer(pointer_, member.key))});
  }
  return members;
}

const std::string& JsonPlace::string() const {
  const std::string* const text = value_->as_string();
  if (text == nullptr) refuse_type("a string");
  return *text;
}

bool JsonPlace::boolean() const {
  const auto boolean = value_->as_bool();
  if (!boolean) refuse_type("true or false");
  return *boolean;
}

std::int64_t JsonPlace::integer() const {
  const auto integer = value_->as_int();
  if (!integer) refuse_type("an integer");
  return *integer;
}

std::uint32_t JsonPlace::token_id(std::string_view token) const {
  const auto id = value_->as_int();
  constexpr std::int64_t kLargest = std::numeric_limits<std::uint32_t>::max() - 1;
  if (id && *id >= 0 && *id <= kLargest) return static_cast<std::uint32_t>(*id);
  const std::string found = id ? fmt::format("{}", *id) : value_->kind_name();
  throw CheckpointError(problem("TOK_ID")
                            .found("token '{}' has id {}, expected 0 to {}", token, found, kLargest)
                            .hint("number the tokens from 0 without gaps"));
}

std::string JsonPlace::type() const {
  const auto type = find("type");
  return type ? type->string() : std::string();
}

}  // namespace attnscope
