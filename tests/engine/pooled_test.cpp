// SPDX-License-Identifier: Apache-2.0
//
// A sequence classifier whose logits alone are wanted: of the last layer only the pooled tokens go on.

#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

Request logits_only() {
  Request request;
  request.logits = true;
  return request;
}

class Pooled : public testing::TestWithParam<const char*> {
 protected:
  Model model_ = load_model({.model_type = GetParam(), .task = Task::sequence_classification});
};

std::vector<Sequence> various_texts() {
  std::vector<Sequence> texts = random_texts({7, 1, 130});
  texts[0].pooled_token = 3;
  texts[2].num_unattended = 4;
  texts[2].pooled_token = 128;
  return texts;
}

TEST_P(Pooled, LogitsAloneHaveTheBitsOfAWholeRun) {
  ModelRun run(model_);
  const Captures whole = run(various_texts(), everything());
  const Captures found = run(various_texts(), logits_only());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(same_bits(found.texts[i].logits, whole.texts[i].logits));
}

TEST_P(Pooled, WeightsOfEarlierLayersHaveTheBitsOfAWholeRun) {
  ModelRun run(model_);
  Request request = logits_only();
  request.weights = true;
  request.layers = {{0, 1}};
  const Captures whole = run(various_texts(), everything());
  const Captures found = run(various_texts(), request);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(same_bits(found.texts[i].logits, whole.texts[i].logits));
    EXPECT_TRUE(same_bits(found.texts[i].attentions, whole.texts[i].attentions.view().narrow(0, 0, 2).own()));
  }
}

TEST_P(Pooled, AHookInTheLastLayerSeesEveryToken) {
  ModelRun run(model_);
  const LayerParts& last = model_.parts().layers.back();
  for (const auto& path : {last.layer, last.query, last.attn, last.output, last.down}) {
    std::int64_t tokens = 0;
    const auto hook =
        run.register_forward_hook(path, [&](HookEvent& event) { tokens = event.input(0).text(0).size(0); });
    const Captures found = run(random_texts({9}), logits_only());
    EXPECT_EQ(tokens, 9) << path;
    EXPECT_TRUE(
        same_bits(found.texts[0].logits, ModelRun(model_)(random_texts({9}), logits_only()).texts[0].logits));
  }
}

TEST_P(Pooled, AHookOfAnEarlierLayerLeavesThePlan) {
  ModelRun run(model_);
  const Captures expected = run(random_texts({9}), everything());
  const auto hook = run.register_forward_hook(model_.parts().layers[1].layer, [](HookEvent&) {});
  EXPECT_TRUE(same_bits(run(random_texts({9}), logits_only()).texts[0].logits, expected.texts[0].logits));
}

INSTANTIATE_TEST_SUITE_P(Families, Pooled, testing::Values("distilbert", "bert"));

}  // namespace
}  // namespace attnscope
