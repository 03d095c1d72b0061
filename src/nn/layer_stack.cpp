// SPDX-License-Identifier: Apache-2.0
#include "nn/layer_stack.h"

#include "nn/execution.h"

namespace attnscope::nn {

LayerStack::LayerStack(const Scope& scope, std::string type, std::vector<std::unique_ptr<Module>> layers)
    : Module(scope.path(), std::move(type)),
      layers_(std::move(layers)),
      list_((scope / "layer").path(), "ModuleList") {
  for (const auto& layer : layers_) list_.adopt({layer.get()});
  adopt({&list_});
}

Values LayerStack::forward(const Values& inputs, Execution& run) const {
  Value hidden_states = inputs[0];  // [tokens, width]
  const std::int64_t first = run.plan().first_layer.value_or(0);
  run.captures().hidden_state(first, hidden_states);
  for (std::int64_t layer = first; layer < run.plan().num_layers; ++layer) {
    run.next_layer();
    hidden_states = run(*layers_[static_cast<std::size_t>(layer)], hidden_states);
    if (!hidden_states.present()) break;
    run.captures().hidden_state(layer + 1, hidden_states);
  }
  return {hidden_states};
}

Value first_states(const Module& embeddings, const Value& input, Execution& run) {
  if (!run.plan().first_layer.has_value()) return run(embeddings, input);
  Value states = input;  // [tokens, width]
  states.layout = Layout::tokens;
  return states;
}

}  // namespace attnscope::nn
