// SPDX-License-Identifier: Apache-2.0
//
// The heads of one layer, one by one and as their average, by hook; then the same average by a request, which
// computes nothing else.
//   head_average [MODEL]

#include <attnscope/attnscope.h>

#include <exception>
#include <iostream>
#include <vector>

int main(int argc, char** argv) try {
  const auto model = attnscope::Model::load(argc > 1 ? argv[1] : "builtin:demo");
  attnscope::Run run(model);

  std::vector<attnscope::Tensor> head_weights;
  auto hook_handle =
      run.register_forward_hook("transformer.layer.0.attention.attn", [&](attnscope::HookEvent& event) {
        const attnscope::TensorView weights = event.output(0).view();  // [batch, head, query, key]
        for (std::int64_t head = 0; head < weights.size(1); ++head)
          head_weights.push_back(weights.select(1, head).own());  // [batch, query, key]
      });
  run("This is a simple example sentence.");
  hook_handle.remove();

  std::cout << "Shape of a single head's attention: " << attnscope::to_string(head_weights.at(0).shape())
            << '\n';
  const attnscope::Tensor heads = attnscope::stack(head_weights);  // [head, batch, query, key]
  attnscope::Tensor averaged(head_weights[0].shape());
  for (std::int64_t i = 0; i < averaged.count(); ++i) {
    float sum = 0.0F;
    for (std::int64_t head = 0; head < heads.size(0); ++head) sum += heads.f32()[head * averaged.count() + i];
    averaged.mutable_view().f32()[i] = sum / static_cast<float>(heads.size(0));
  }
  std::cout << "Shape of averaged head attention: " << attnscope::to_string(averaged.shape()) << '\n';

  attnscope::Request request = attnscope::Request::attentions();
  request.layers = {{0}};
  request.reduce = attnscope::Reduce::mean;
  const attnscope::Captures captures = run("This is a simple example sentence.", request);
  const attnscope::Tensor& planned = captures.texts[0].attentions;  // [layer, query, key]
  std::cout << "The planner's average, " << attnscope::to_string(planned.shape()) << ", first row:";
  for (std::int64_t key = 0; key < planned.size(2); ++key) std::cout << ' ' << planned.at({0, 0, key});
  std::cout << '\n';
} catch (const std::exception& error) {
  std::cerr << "head_average: " << error.what() << '\n';
  return 1;
}
