// SPDX-License-Identifier: Apache-2.0
//
// What does a head do for the model? Switch it off, or give it other weights, and look at the logits.
//   ablate_head [MODEL]     (a model with a task head)

#include <attnscope/attnscope.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <iostream>

namespace {

float largest_change(const attnscope::Tensor& before, const attnscope::Tensor& after) {
  float change = 0.0F;
  for (std::int64_t i = 0; i < before.count(); ++i)
    change = std::max(change, std::abs(after.f32()[i] - before.f32()[i]));
  return change;
}

}  // namespace

int main(int argc, char** argv) try {
  const auto model = attnscope::Model::load(argc > 1 ? argv[1] : "builtin:demo");
  attnscope::Run run(model);
  const std::string text = "Angela Merkel visited the Zurich office of Credit Suisse on Tuesday.";
  const std::string path = "transformer.layer.3.attention.attn";
  const attnscope::Tensor before = run(text).texts[0].logits;  // [token, label]

  for (std::int64_t head = 0; head < model.info().num_heads; ++head) {
    // Switch the head off: its part of the context, [token, head, head_dim], becomes 0.
    auto ablation = run.register_forward_hook(
        path, [head](attnscope::HookEvent& event) { event.edit_output(1).select(1, head).fill(0.0F); });
    const float without = largest_change(before, run(text).texts[0].logits);
    ablation.remove();

    // Or keep it on and change its weights, [head, query, key]: here every token looks at all tokens alike.
    // The context follows from the new weights.
    auto uniform = run.register_forward_hook(path, [head](attnscope::HookEvent& event) {
      event.edit_output(0).select(0, head).fill(1.0F / static_cast<float>(event.seq_len(0)));
    });
    const float with_uniform = largest_change(before, run(text).texts[0].logits);

    std::cout << "layer 3 head " << head << ": largest change of a logit " << without << " without it, "
              << with_uniform << " with uniform weights\n";
  }  // `uniform` is removed here
} catch (const std::exception& error) {
  std::cerr << "ablate_head: " << error.what() << '\n';
  return 1;
}
