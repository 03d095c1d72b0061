// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/model.h"
#include "nn/module.h"

namespace attnscope {

/// The modules of a network in Hugging Face's named_modules() order, found by path or pattern.
class ModuleIndex {
 public:
  /// How far a forward must run until a module has been called.
  static constexpr std::int64_t kEmbeddings = -1;
  static constexpr std::int64_t kEverything = INT64_MAX;

  /// Numbers the modules of the tree. `base_prefix` ("distilbert") may be left out of paths.
  ModuleIndex(nn::Module& root, std::string base_prefix, std::int64_t num_layers);

  [[nodiscard]] const std::vector<ModuleInfo>& infos() const { return infos_; }
  [[nodiscard]] std::size_t size() const { return infos_.size(); }
  /// kEmbeddings, the number of the layer that the module stands in, or kEverything.
  [[nodiscard]] std::int64_t reach(std::size_t id) const { return reach_[id]; }

  /// The module of exactly this path. Throws HookError.
  [[nodiscard]] std::size_t find(std::string_view path) const;
  /// All modules that match a pattern; `*` is any part of one name, `**` also crosses dots. Throws HookError.
  [[nodiscard]] std::vector<std::size_t> match(std::string_view pattern) const;

 private:
  void add(nn::Module& module, std::int64_t reach);
  [[nodiscard]] std::string short_path(const std::string& path) const;
  [[nodiscard]] bool is_dropout(std::string_view path) const;
  [[nodiscard]] std::vector<std::string> nearest_paths(std::string_view path) const;
  [[noreturn]] void fail(std::string_view path) const;

  std::string prefix_;  // with its dot: "distilbert."
  std::int64_t num_layers_;
  std::vector<ModuleInfo> infos_;
  std::vector<std::int64_t> reach_;
};

}  // namespace attnscope
