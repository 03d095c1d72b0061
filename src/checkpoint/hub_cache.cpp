// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/hub_cache.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "attnscope/error.h"
#include "checkpoint/shown.h"
#include "core/files.h"
#include "core/message.h"

namespace attnscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestId = 96;
constexpr std::size_t kMaxRefBytes = 4096;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The hub's own rule, which also keeps "..", "/" and NUL out of the paths made of it.
bool is_valid_part(std::string_view part) {
  const auto allowed = [](char c) { return is_word(c) || c == '-' || c == '.'; };
  const auto at_edge = [](char c) { return c != '-' && c != '.'; };
  return !part.empty() && std::all_of(part.begin(), part.end(), allowed) && at_edge(part.front()) &&
         at_edge(part.back()) && part.find("--") == part.npos && part.find("..") == part.npos;
}

bool is_valid_repo_id(std::string_view id) {
  if (id.size() > kLongestId || id.ends_with(".git")) return false;
  const std::size_t slash = id.find('/');
  if (slash == id.npos) return is_valid_part(id);
  return is_valid_part(id.substr(0, slash)) && is_valid_part(id.substr(slash + 1));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

fs::path absolute_directory(const char* name, const std::string& value) {
  const bool in_home = value == "~" || value.starts_with("~/");
  const fs::path path = in_home ? fs::path(variable("HOME") + value.substr(1)) : fs::path(value);
  if (!path.is_absolute())
    throw InvalidArgument(problem(ErrorKind::usage, "HUB_HOME", name)
                              .found("'{}' is no absolute path", shown(value))
                              .hint("set {} to an absolute path or unset it", name));
  return path;
}

fs::path cache_directory() {
  struct Place {
    const char* variable;
    const char* below;
  };
  for (const Place& place :
       {Place{"HF_HUB_CACHE", ""}, Place{"HF_HOME", "hub"}, Place{"XDG_CACHE_HOME", "huggingface/hub"}})
    if (const std::string value = variable(place.variable); !value.empty())
      return absolute_directory(place.variable, value) / place.below;
  return absolute_directory("HOME", "~") / ".cache/huggingface/hub";
}

[[noreturn]] void refuse_missing(const std::string& repo_id, const fs::path& looked_at,
                                 const std::string& what) {
  throw HubError(
      problem(ErrorKind::hub, "HUB_MISSING", repo_id)
          .found("no such directory here, and {} {}", looked_at.string(), what)
          .hint("fetch it with `hf download {}`, or give the path of a model directory, or builtin:demo",
                repo_id));
}

std::string read_revision(const std::string& repo_id, const fs::path& repository) {
  const fs::path ref = repository / "refs" / "main";
  if (!fs::is_regular_file(ref)) refuse_missing(repo_id, ref, "is not in the hub cache");
  std::string revision = read_text_file(ref.string(), kMaxRefBytes);
  revision.erase(revision.find_last_not_of(" \t\r\n") + 1);
  if (!std::all_of(revision.begin(), revision.end(), is_word) || revision.empty())
    refuse_missing(repo_id, ref, fmt::format("holds '{}', which is no commit", shown(revision)));
  return revision;
}

}  // namespace

std::string find_in_hub_cache(const std::string& repo_id) {
  if (!is_valid_repo_id(repo_id))
    throw InvalidArgument(
        problem(ErrorKind::usage, "HUB_NAME", shown(repo_id))
            .found("is neither a directory nor a model's name, expected 'name' or 'owner/name' of at most {} "
                   "letters, digits, '-', '_' and '.'",
                   kLongestId)
            .hint("give the path of a model directory, a name of the hub, or builtin:demo"));
  std::string folder = "models--" + repo_id;
  if (const std::size_t slash = folder.find('/'); slash != folder.npos) folder.replace(slash, 1, "--");
  const fs::path repository = cache_directory() / folder;
  const fs::path snapshot = repository / "snapshots" / read_revision(repo_id, repository);
  if (!fs::is_directory(snapshot)) refuse_missing(repo_id, snapshot, "is not in the hub cache");
  return snapshot.string();
}

}  // namespace attnscope
