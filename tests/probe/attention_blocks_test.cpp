// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "analysis/random_block.h"
#include "attnscope/interventions.h"
#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope::analysis {
namespace {

class AttentionBlocks : public testing::TestWithParam<std::string> {
 protected:
  Model model_ = load_model({.model_type = GetParam()});
  ModelRun run_{model_};
  Sequence text_ = random_text(7, 1);
};

TEST_P(AttentionBlocks, HoldWhatTheRunComputes) {
  const std::vector<AttentionBlock> blocks = attention_blocks(run_, text_);
  const TextCapture capture = run_({text_}, everything()).texts[0];
  ASSERT_EQ(blocks.size(), 3U);
  for (std::int64_t layer = 0; layer < 3; ++layer) {
    const AttentionBlock& block = blocks[static_cast<std::size_t>(layer)];
    EXPECT_TRUE(same_bits(block.weights.view(), capture.attentions.view().select(0, layer)));
    EXPECT_TRUE(same_bits(block.inputs.view(), capture.hidden_states.view().select(0, layer)));
  }
}

// sum_j t_ij + b_O is the state before the norm, and sum_j T_ij with the biases the norm's output.
TEST_P(AttentionBlocks, SumUpToTheNormsInputAndOutput) {
  std::vector<Tensor> states(3);
  std::vector<HookHandle> handles;
  for (std::size_t layer = 0; layer < 3; ++layer)
    handles.push_back(run_.register_forward_pre_hook(
        model_.parts().layers[layer].attention_norm,
        [&state = states[layer]](HookEvent& event) { state = event.input(0).text(0).own(); }));
  const std::vector<AttentionBlock> blocks = attention_blocks(run_, text_);
  for (std::size_t layer = 0; layer < 3; ++layer) {
    const AttentionBlock& block = blocks[layer];
    const NaiveBlock naive(block);
    double bias_mean = 0.0;
    for (std::int64_t w = 0; w < 32; ++w) bias_mean += double{block.output_bias.at({w})} / 32.0;
    for (std::int64_t i = 0; i < naive.n; ++i)
      for (std::int64_t w = 0; w < naive.width; ++w) {
        double sum = double{block.output_bias.at({w})};
        double linear = (double{block.output_bias.at({w})} - bias_mean) *
                            naive.scale[static_cast<std::size_t>(i)] * double{block.norm_weight.at({w})} +
                        double{block.norm_bias.at({w})};
        for (std::int64_t j = 0; j < naive.n; ++j) {
          const auto place = static_cast<std::size_t>((i * naive.n + j) * naive.width + w);
          sum += naive.t[place];
          linear += naive.linear[place];
        }
        EXPECT_NEAR(sum, double{states[layer].at({i, w})}, 1e-5);
        EXPECT_NEAR(linear, double{block.outputs.at({i, w})}, 1e-5);
      }
  }
}

TEST_P(AttentionBlocks, OfARunWithEditsHoldTheEditedWeights) {
  Interventions edits;
  edits.add({.kind = EditKind::uniform_heads, .layer = 1, .heads = {2}});
  const auto applied = edits.apply(run_);
  EXPECT_EQ(attention_blocks(run_, text_)[1].weights.at({2, 3, 4}), 1.0F / 7.0F);
}

TEST_P(AttentionBlocks, LeaveTheRunAsItWas) {
  const TextCapture before = run_({text_}, everything()).texts[0];
  static_cast<void>(attention_blocks(run_, text_));
  EXPECT_TRUE(same_bits(run_({text_}, everything()).texts[0], before));
}

INSTANTIATE_TEST_SUITE_P(Of, AttentionBlocks, testing::Values("distilbert", "bert"));

}  // namespace
}  // namespace attnscope::analysis
