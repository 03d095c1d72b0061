// SPDX-License-Identifier: Apache-2.0
//
// The attention of every layer, collected by one hook a layer that knows its number.
//   all_layers [MODEL]

#include <attnscope/attnscope.h>

#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

int main(int argc, char** argv) try {
  const auto model = attnscope::Model::load(argc > 1 ? argv[1] : "builtin:demo");
  attnscope::Run run(model);

  std::vector<std::pair<std::int64_t, attnscope::Tensor>> all_attention_weights;
  const auto attention_hook = [&](std::int64_t layer_id) {
    return [&all_attention_weights, layer_id](attnscope::HookEvent& event) {
      all_attention_weights.emplace_back(layer_id, event.output(0).own());
    };
  };

  std::vector<attnscope::HookHandle> hook_handles;  // each removes its hook when it goes out of scope
  for (std::int64_t layer_id = 0; layer_id < model.info().num_layers; ++layer_id) {
    const std::string path = "transformer.layer." + std::to_string(layer_id) + ".attention.attn";
    hook_handles.push_back(run.register_forward_hook(path, attention_hook(layer_id)));
  }
  run("This is a simple example sentence.");

  for (const auto& [layer_id, attn] : all_attention_weights)
    std::cout << "Shape of attention weights from layer " << layer_id << ": "
              << attnscope::to_string(attn.shape()) << '\n';
} catch (const std::exception& error) {
  std::cerr << "all_layers: " << error.what() << '\n';
  return 1;
}
