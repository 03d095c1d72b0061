// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/labels.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "checkpoint/shown.h"

namespace attnscope {
namespace {

std::int64_t read_id(const std::string& key, const std::string& where, const RefuseLabel& refuse) {
  std::int64_t id = 0;
  const char* end = key.data() + key.size();
  const auto [stop, error] = std::from_chars(key.data(), end, id);
  if (error == std::errc::invalid_argument || stop != end)
    refuse("CFG_VALUE", where, "the key is no integer");
  if (error != std::errc{} || id < 0 || id >= kMaxLabels)
    refuse("CFG_RANGE", where, fmt::format("an id out of the range 0 to {}", kMaxLabels - 1));
  return id;
}

}  // namespace

std::vector<std::string> default_labels(std::int64_t count) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < count; ++i) names.push_back(fmt::format("LABEL_{}", i));
  return names;
}

LabelTable read_labels(const JsonValue& id2label, const RefuseLabel& refuse) {
  if (!id2label.is_object() || id2label.members().empty())
    refuse("CFG_VALUE", "/id2label", fmt::format("{}, expected an object of names", id2label.kind_name()));
  std::map<std::int64_t, const std::string*> name_of;
  for (const JsonValue::Member& member : id2label.members()) {
    const std::string where = json_pointer("/id2label", shown(member.key));
    const std::int64_t id = read_id(member.key, where, refuse);
    const std::string* name = member.value.as_string();
    if (name == nullptr)
      refuse("CFG_VALUE", where, fmt::format("{}, expected a string", member.value.kind_name()));
    if (!name_of.emplace(id, name).second)
      refuse("CFG_VALUE", where, fmt::format("the id {} stands twice", id));
  }
  LabelTable table;
  const std::int64_t count = name_of.rbegin()->first + 1;
  table.names = default_labels(count);
  for (const auto& [id, name] : name_of) table.names[static_cast<std::size_t>(id)] = *name;
  table.holes = count - static_cast<std::int64_t>(name_of.size());
  return table;
}

}  // namespace attnscope
