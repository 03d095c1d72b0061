// SPDX-License-Identifier: Apache-2.0
#include "engine/module_index.h"

#include <algorithm>

#include "core/message.h"
#include "core/nearest.h"
#include "nn/layer_stack.h"

namespace attnscope {
namespace {

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('.') + 1); }

// Reads the pattern once and keeps which beginnings of the path match what was read: no pattern is slow.
bool matches(std::string_view pattern, std::string_view path) {
  std::vector<bool> reached(path.size() + 1, false);
  reached[0] = true;
  while (!pattern.empty()) {
    const bool is_star = pattern.front() == '*';
    const bool crosses_dots = pattern.starts_with("**");
    if (is_star) {
      for (std::size_t i = 1; i <= path.size(); ++i)
        if (reached[i - 1] && (crosses_dots || path[i - 1] != '.')) reached[i] = true;
    } else {
      for (std::size_t i = path.size(); i > 0; --i)
        reached[i] = reached[i - 1] && path[i - 1] == pattern.front();
      reached[0] = false;
    }
    pattern.remove_prefix(crosses_dots ? 2 : 1);
  }
  return reached.back();
}

bool is_layer_stack(const nn::Module* module) {
  return dynamic_cast<const nn::LayerStack*>(module) != nullptr;
}

}  // namespace

ModuleIndex::ModuleIndex(nn::Module& root, std::string base_prefix, std::int64_t num_layers)
    : prefix_(std::move(base_prefix) + "."), num_layers_(num_layers) {
  add(root, kEverything);
}

void ModuleIndex::add(nn::Module& module, std::int64_t reach) {
  module.set_id(infos_.size());
  infos_.push_back({module.path(), module.type(), module.parameters()});
  reach_.push_back(reach);
  if (is_layer_stack(&module)) {
    nn::Module& list = *module.children().front();
    add(list, kEverything);
    return;
  }
  const bool is_list = module.type() == "ModuleList";
  // Beside the stack of layers, what stands before it is the embeddings.
  bool before_layers = std::any_of(module.children().begin(), module.children().end(), is_layer_stack);
  std::int64_t layer = 0;
  for (nn::Module* child : module.children()) {
    if (is_layer_stack(child)) before_layers = false;
    const std::int64_t own = is_list ? layer++ : before_layers ? kEmbeddings : reach;
    add(*child, own);
  }
}

std::string ModuleIndex::short_path(const std::string& path) const {
  return path.starts_with(prefix_) ? path.substr(prefix_.size()) : path;
}

std::size_t ModuleIndex::find(std::string_view path) const {
  const auto is_named = [&](const ModuleInfo& info) { return info.path == path; };
  const auto is_named_short = [&](const ModuleInfo& info) { return short_path(info.path) == path; };
  auto found = std::find_if(infos_.begin(), infos_.end(), is_named);
  if (found == infos_.end()) found = std::find_if(infos_.begin(), infos_.end(), is_named_short);
  if (found == infos_.end()) fail(path);
  return static_cast<std::size_t>(found - infos_.begin());
}

std::vector<std::size_t> ModuleIndex::match(std::string_view pattern) const {
  if (pattern.find('*') == std::string_view::npos) return {find(pattern)};
  std::vector<std::size_t> ids;
  for (std::size_t id = 0; id < infos_.size(); ++id)
    if (matches(pattern, infos_[id].path) || matches(pattern, short_path(infos_[id].path))) ids.push_back(id);
  if (ids.empty()) fail(pattern);
  return ids;
}

bool ModuleIndex::is_dropout(std::string_view path) const {
  if (path == "dropout") return true;
  if (!path.ends_with(".dropout")) return false;
  const std::string_view parent = path.substr(0, path.size() - std::string_view(".dropout").size());
  return std::any_of(infos_.begin(), infos_.end(), [&](const ModuleInfo& info) {
    return matches(parent, info.path) || matches(parent, short_path(info.path));
  });
}

std::vector<std::string> ModuleIndex::nearest_paths(std::string_view path) const {
  const bool with_prefix = path.starts_with(prefix_);
  std::vector<std::string> all;
  std::vector<std::string> same_name;  // "attn" under another parent is what is meant more often than "self"
  for (const ModuleInfo& info : infos_) {
    all.push_back(with_prefix ? info.path : short_path(info.path));
    if (last_name(all.back()) == last_name(path)) same_name.push_back(all.back());
  }
  std::vector<std::string> close = nearest(path, same_name, 1);
  for (const std::string& other : nearest(path, all, 3))
    if (close.size() < 3 && std::find(close.begin(), close.end(), other) == close.end())
      close.push_back(other);
  return close;
}

void ModuleIndex::fail(std::string_view path) const {
  if (is_dropout(path))
    throw HookError(problem(ErrorKind::usage, "HOOK_DROPOUT", "hooks")
                        .field(std::string(path))
                        .found("dropout does nothing in inference and is never called")
                        .hint("hook the module it stands in, or the one before it"));
  const std::vector<std::string> close = nearest_paths(path);
  throw HookError(
      problem(ErrorKind::usage, "HOOK_PATH", "hooks")
          .field(std::string(path))
          .at(fmt::format("no module '{}'", path))
          .found("the model has layers 0 to {}", num_layers_ - 1)
          .hint("did you mean '{}'? `attnscope inspect` lists all modules", fmt::join(close, "', '")));
}

}  // namespace attnscope
