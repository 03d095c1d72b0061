// SPDX-License-Identifier: Apache-2.0
//
// Which words does one layer look at? A forward hook on the attention of the second layer.
//   one_layer [MODEL]

#include <attnscope/attnscope.h>

#include <exception>
#include <iostream>
#include <vector>

int main(int argc, char** argv) try {
  const auto model = attnscope::Model::load(argc > 1 ? argv[1] : "builtin:demo");
  attnscope::Run run(model);

  // Filled by the hook. What the hook sees is valid only during the call: own() copies it.
  std::vector<attnscope::Tensor> attention_weights;
  const auto attention_hook = [&](attnscope::HookEvent& event) {
    attention_weights.push_back(event.output(0).own());  // outputs of `attn`: weights, context
  };

  auto hook_handle =
      run.register_forward_hook(model.module("transformer.layer.1.attention.attn"), attention_hook);
  run("This is a simple example sentence.");
  hook_handle.remove();

  std::cout << "Shape of extracted attention weights: "
            << attnscope::to_string(attention_weights.at(0).shape()) << '\n';  // [batch, head, query, key]
} catch (const std::exception& error) {
  std::cerr << "one_layer: " << error.what() << '\n';
  return 1;
}
