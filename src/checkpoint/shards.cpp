// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/shards.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "attnscope/error.h"
#include "checkpoint/shown.h"
#include "core/files.h"
#include "core/json.h"
#include "core/message.h"

namespace attnscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxIndexBytes = std::size_t{64} << 20;

bool is_below(const fs::path& path, const fs::path& directory) {
  const auto [end, ignored] = std::mismatch(directory.begin(), directory.end(), path.begin(), path.end());
  return end == directory.end();
}

// Where links of a model's files may lead: its own directory; from CACHE/models--x/snapshots/REV, as the hub
// client writes it, also CACHE/models--x.
fs::path allowed_root(const fs::path& directory) {
  const fs::path real = fs::canonical(directory);
  const bool is_snapshot = real.parent_path().filename() == "snapshots" &&
                           real.parent_path().parent_path().filename().string().starts_with("models--");
  return is_snapshot ? real.parent_path().parent_path() : real;
}

class Index {
 public:
  Index(fs::path directory, Sharing sharing)
      : directory_(std::move(directory)),
        sharing_(sharing),
        label_((directory_ / "model.safetensors.index.json").string()),
        root_(parse_json_file(read_text_file(label_, kMaxIndexBytes), label_, "INDEX")) {}

  [[nodiscard]] std::vector<SafetensorsFile> open() const {
    const std::map<std::string, std::string> shard_of = weight_map();
    std::set<std::string> names;
    for (const auto& [tensor, shard] : shard_of) names.insert(shard);
    std::vector<SafetensorsFile> shards;
    for (const std::string& name : names) shards.push_back(open_shard(name));
    check_unique(shards);
    check_tensors(shard_of, shards);
    check_total_size(shards);
    return shards;
  }

 private:
  [[nodiscard]] std::map<std::string, std::string> weight_map() const {
    const JsonValue* map = root_.find("weight_map");
    if (map == nullptr || !map->is_object() || map->members().empty())
      refuse("INDEX_MAP", "/weight_map", "expected an object with tensors' names and their files");
    std::map<std::string, std::string> shard_of;
    for (const JsonValue::Member& member : map->members()) {
      const std::string where = json_pointer("/weight_map", shown(member.key));
      if (!member.value.is_string()) refuse("INDEX_MAP", where, "expected a file name");
      check_name(where, *member.value.as_string());
      shard_of.emplace(member.key, *member.value.as_string());
    }
    return shard_of;
  }

  void check_name(const std::string& where, const std::string& name) const {
    const bool has_separator = name.find_first_of(std::string("/\\\0", 3)) != name.npos;
    if (name.empty() || has_separator || name == "." || name == "..")
      refuse("INDEX_NAME", where,
             fmt::format("'{}' is not the name of a file in this directory", shown(name)));
  }

  [[nodiscard]] SafetensorsFile open_shard(const std::string& name) const {
    std::error_code error;
    const fs::path real = fs::canonical(directory_ / name, error);
    if (error)
      refuse("INDEX_MISSING", "/weight_map",
             fmt::format("'{}' cannot be found: {}", shown(name), error.message()));
    if (!is_below(real, allowed_root(directory_)))
      refuse("INDEX_NAME", "/weight_map",
             fmt::format("'{}' is a link that leads out of the directory", shown(name)));
    return open_weights((directory_ / name).string(), sharing_);
  }

  void check_unique(const std::vector<SafetensorsFile>& shards) const {
    std::map<std::string_view, const SafetensorsFile*> owner;
    for (const SafetensorsFile& shard : shards)
      for (const TensorEntry& entry : shard.entries())
        if (const auto [first, is_new] = owner.emplace(entry.name, &shard); !is_new)
          refuse("INDEX_DUPLICATE", json_pointer("/weight_map", shown(entry.name)),
                 fmt::format("the tensor stands in {} and in {}", first->second->label(), shard.label()));
  }

  void check_tensors(const std::map<std::string, std::string>& shard_of,
                     const std::vector<SafetensorsFile>& shards) const {
    std::map<std::string, const SafetensorsFile*> by_name;
    for (const SafetensorsFile& shard : shards) by_name[fs::path(shard.label()).filename().string()] = &shard;
    for (const auto& [tensor, shard] : shard_of)
      if (by_name.at(shard)->find(tensor) == nullptr)
        refuse("INDEX_TENSOR", json_pointer("/weight_map", shown(tensor)),
               fmt::format("'{}' has no such tensor", shown(shard)));
  }

  void check_total_size(const std::vector<SafetensorsFile>& shards) const {
    const JsonValue* metadata = root_.find("metadata");
    const JsonValue* total = metadata == nullptr ? nullptr : metadata->find("total_size");
    if (total == nullptr) return;
    std::uint64_t actual = 0;
    for (const SafetensorsFile& shard : shards)
      if (!shard.entries().empty()) actual += shard.entries().back().end;
    const std::optional<double> declared = total->as_double();  // some writers put 123.0
    if (!declared || *declared != static_cast<double>(actual))
      refuse("INDEX_SIZE", "/metadata/total_size",
             fmt::format("{}, but the shards hold {} bytes of tensors",
                         declared ? fmt::format("{:.0f}", *declared) : total->kind_name(), actual));
  }

  [[noreturn]] void refuse(const char* code, const std::string& where, const std::string& what) const {
    throw CheckpointError(problem(ErrorKind::input, code, label_)
                              .field(where)
                              .found("{}", what)
                              .hint("fetch the whole model again"));
  }

  fs::path directory_;
  Sharing sharing_;
  std::string label_;
  JsonValue root_;
};

}  // namespace

SafetensorsFile open_weights(const std::string& path, Sharing sharing) {
  return sharing == Sharing::nobody ? SafetensorsFile::map(path) : SafetensorsFile::open(path);
}

std::vector<SafetensorsFile> open_shards(const std::string& directory, Sharing sharing) {
  return Index(directory, sharing).open();
}

}  // namespace attnscope
