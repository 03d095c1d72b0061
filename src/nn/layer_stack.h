// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "nn/module.h"

namespace attnscope::nn {

/// The layers of an encoder, one after another, as far as the plan wants them: [n, width] -> [n, width].
class LayerStack : public Module {
 public:
  /// The layers stand in a ModuleList named "layer".
  LayerStack(const Scope& scope, std::string type, std::vector<std::unique_ptr<Module>> layers);

  /// No output when the plan ends inside the stack.
  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  [[nodiscard]] bool spans_layers() const override { return true; }

 private:
  std::vector<std::unique_ptr<Module>> layers_;
  Uncalled list_;
};

/// The layers that stand in the ModuleList "layer" of `scope`; Layer is made from (scope, config, number).
template <class Layer, class Config>
[[nodiscard]] std::vector<std::unique_ptr<Module>> make_layers(const Scope& scope, const Config& config,
                                                               std::int64_t count) {
  std::vector<std::unique_ptr<Module>> layers;
  for (std::int64_t layer = 0; layer < count; ++layer)
    layers.push_back(std::make_unique<Layer>(scope / "layer" / layer, config, layer));
  return layers;
}

/// What the first layer that runs receives: the output of the embeddings, or the states that the run was
/// given.
[[nodiscard]] Value first_states(const Module& embeddings, const Value& input, Execution& run);

}  // namespace attnscope::nn
