// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/module_index.h"
#include "families/family.h"
#include "support/tiny_model.h"

namespace attnscope {

/// A tiny network as Model::load builds it, and the index of its modules.
struct IndexedNetwork {
  explicit IndexedNetwork(const TinySpec& spec) : IndexedNetwork(spec, family_of(spec)) {}

  [[nodiscard]] std::string path(std::size_t id) const { return index.infos()[id].path; }
  [[nodiscard]] std::int64_t reach(std::string_view at) const { return index.reach(index.find(at)); }
  [[nodiscard]] std::vector<std::string> matches(std::string_view pattern) const {
    std::vector<std::string> paths;
    for (const std::size_t id : index.match(pattern)) paths.push_back(path(id));
    return paths;
  }

  Network network;
  ModuleIndex index;

 private:
  IndexedNetwork(const TinySpec& spec, const Family& family)
      : network(build(spec, family)), index(*network.root, family.base_prefix, network.num_layers) {}

  static Family family_of(const TinySpec& spec) {
    return spec.model_type == "bert" ? bert_family() : distilbert_family();
  }
  static Network build(const TinySpec& spec, const Family& family) {
    const TemporaryDirectory directory;
    write_model(directory, spec, random_weights(spec));
    const ModelFiles files = ModelFiles::locate(directory.path(""));
    const Config config = Config::read(files);
    const Weights weights(files.weights(), family.base_prefix + ".", config.label());
    return family.build(config, weights, spec.task, Precision::fp32);
  }
};

}  // namespace attnscope
