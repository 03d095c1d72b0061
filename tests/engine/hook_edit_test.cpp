// SPDX-License-Identifier: Apache-2.0
//
// What follows from the values that a hook replaces.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

constexpr const char* kAttn = "transformer.layer.1.attention.attn";
constexpr std::int64_t kHeadDim = 8;

class HookEdit : public testing::Test {
 protected:
  [[nodiscard]] TextCapture plain(const Sequence& text) const {
    return ModelRun(model_, {.threads = 1})({text}, everything()).texts.at(0);
  }
  TextCapture hooked(const std::string& path, const Hook& hook) {
    const HookHandle handle = run_.register_forward_hook(path, hook);
    return run_({text_}, everything()).texts.at(0);
  }
  TextCapture pre_hooked(const std::string& path, const Hook& hook) {
    const HookHandle handle = run_.register_forward_pre_hook(path, hook);
    return run_({text_}, everything()).texts.at(0);
  }

  TinySpec spec_{.task = Task::token_classification};
  Model model_ = load_model(spec_);
  ModelRun run_{model_, {.threads = 1}};
  Sequence text_ = random_text(5, 1);
};

/// weights [heads, n, n] times values [n, heads, head_dim], by the definition.
Tensor context_by_hand(const Tensor& weights, const Tensor& values) {
  const std::int64_t heads = weights.size(0);
  const std::int64_t n = weights.size(1);
  Tensor context(values.shape());
  float* output = context.mutable_view().f32();
  for (std::int64_t query = 0; query < n; ++query)
    for (std::int64_t head = 0; head < heads; ++head)
      for (std::int64_t d = 0; d < kHeadDim; ++d, ++output) {
        double sum = 0;
        for (std::int64_t key = 0; key < n; ++key)
          sum += static_cast<double>(weights.at({head, query, key})) *
                 static_cast<double>(values.at({key, head, d}));
        *output = static_cast<float>(sum);
      }
  return context;
}

void zero_head(const MutableTensorView& weights, std::int64_t head) { weights.select(0, head).fill(0.0F); }

Tensor slice(const Tensor& tensor, std::int64_t index) { return tensor.view().select(0, index).own(); }

TEST_F(HookEdit, OfWeightsGivesTheContextOfTheNewWeights) {
  Tensor context;
  Tensor expected;
  const TextCapture capture = hooked(kAttn, [&](HookEvent& event) {
    event.edit_output(0).fill(0.2F);
    event.edit_output(0).select(0, 2).select(0, 1).fill(0.4F);
  });
  const HookHandle edit = run_.register_forward_hook(kAttn, [](HookEvent& event) {
    event.edit_output(0).fill(0.2F);
    event.edit_output(0).select(0, 2).select(0, 1).fill(0.4F);
  });
  const HookHandle later = run_.register_forward_hook(kAttn, [&](HookEvent& event) {
    context = event.output(1).text(0).own();
    expected = context_by_hand(event.output(0).text(0).own(), event.input(2).text(0).own());
  });
  EXPECT_TRUE(same_bits(run_({text_}, everything()).texts.at(0), capture));
  EXPECT_LT(max_abs_difference(context, expected), 1e-6F);
  EXPECT_FLOAT_EQ(capture.attentions.at({1, 2, 1, 4}), 0.4F);
  EXPECT_FLOAT_EQ(capture.attentions.at({1, 2, 2, 4}), 0.2F);
}

TEST_F(HookEdit, OfWeightsChangesLaterLayersAndLogitsAndNothingBefore) {
  const TextCapture before = plain(text_);
  const TextCapture after = hooked(kAttn, [](HookEvent& event) { event.edit_output(0).fill(0.2F); });
  EXPECT_TRUE(same_bits(slice(after.attentions, 0), slice(before.attentions, 0)));
  EXPECT_TRUE(same_bits(slice(after.hidden_states, 1), slice(before.hidden_states, 1)));
  EXPECT_GT(max_abs_difference(slice(after.hidden_states, 2), slice(before.hidden_states, 2)), 1e-3F);
  EXPECT_GT(max_abs_difference(slice(after.attentions, 2), slice(before.attentions, 2)), 1e-4F);
  EXPECT_GT(max_abs_difference(after.logits, before.logits), 1e-4F);
}

TEST_F(HookEdit, OfWeightsToTheirOwnValuesChangesNothingToSpeakOf) {
  const TextCapture before = plain(text_);
  const TextCapture after =
      hooked(kAttn, [](HookEvent& event) { event.replace_output(0, event.output(0).view()); });
  EXPECT_LT(max_abs_difference(after.logits, before.logits), 1e-5F);
  EXPECT_TRUE(same_bits(slice(after.attentions, 1), slice(before.attentions, 1)));
}

TEST_F(HookEdit, OfContextIsTakenAsItIs) {
  const Tensor context({1, 5, 4, kHeadDim});
  Tensor input;
  const HookHandle next = run_.register_forward_pre_hook(
      "transformer.layer.1.attention.out_lin", [&](HookEvent& event) { input = event.input(0).own(); });
  const TextCapture before = plain(text_);
  const TextCapture after = hooked(kAttn, [&](HookEvent& event) { event.replace_output(1, context.view()); });
  EXPECT_TRUE(same_bits(input, Tensor({1, 5, 32})));
  EXPECT_TRUE(same_bits(slice(after.attentions, 1), slice(before.attentions, 1))) << "weights stay";
}

TEST_F(HookEdit, OfWeightsAndContextTogetherKeepsBoth) {
  const Tensor context({1, 5, 4, kHeadDim});
  Tensor seen;
  const HookHandle next = run_.register_forward_pre_hook(
      "transformer.layer.1.attention.out_lin", [&](HookEvent& event) { seen = event.input(0).own(); });
  hooked(kAttn, [&](HookEvent& event) {
    event.edit_output(0).fill(0.2F);
    event.replace_output(1, context.view());
  });
  EXPECT_TRUE(same_bits(seen, Tensor({1, 5, 32})));
}

TEST_F(HookEdit, ThatMasksAHeadEqualsTheModelWithoutIt) {
  for (std::int64_t head = 0; head < spec_.heads; ++head) {
    WeightMap pruned = random_weights(spec_);
    pruned.at("distilbert.transformer.layer.1.attention.out_lin.weight")
        .mutable_view()
        .narrow(1, head * kHeadDim, kHeadDim)
        .fill(0.0F);
    const TextCapture expected = ModelRun(load_model(spec_, pruned))({text_}, everything()).texts.at(0);
    const TextCapture masked =
        hooked(kAttn, [head](HookEvent& event) { zero_head(event.edit_output(0), head); });
    EXPECT_LT(max_abs_difference(masked.logits, expected.logits), 1e-6F);
    EXPECT_LT(max_abs_difference(masked.hidden_states, expected.hidden_states), 1e-6F);
    EXPECT_GT(max_abs_difference(masked.logits, plain(text_).logits), 1e-4F);
  }
}

TEST_F(HookEdit, OfWeightsShownByTheAttentionModuleReachesTheCaptureOnly) {
  const TextCapture before = plain(text_);
  const TextCapture after =
      hooked("transformer.layer.1.attention", [](HookEvent& event) { event.edit_output(1).fill(0.2F); });
  EXPECT_TRUE(same_bits(after.logits, before.logits));
  EXPECT_FLOAT_EQ(after.attentions.at({1, 3, 4, 0}), 0.2F);
}

TEST_F(HookEdit, OfWeightsIsInTheReducedWeightsToo) {
  const HookHandle handle =
      run_.register_forward_hook(kAttn, [](HookEvent& event) { zero_head(event.edit_output(0), 0); });
  Request request = Request::attentions();
  const Tensor all = run_({text_}, request).texts.at(0).attentions;
  request.reduce = Reduce::mean;
  EXPECT_TRUE(same_bits(run_({text_}, request).texts.at(0).attentions, head_mean(all.view())));
}

TEST_F(HookEdit, OfALayersOutputIsWhatTheNextLayerGets) {
  const Sequence other = random_text(5, 2);
  const Tensor other_states = slice(plain(other).hidden_states, 2);
  const TextCapture patched = hooked(
      "transformer.layer.1", [&](HookEvent& event) { event.replace_output(0, 0, other_states.view()); });
  EXPECT_TRUE(same_bits(patched.logits, plain(other).logits));
  EXPECT_TRUE(same_bits(slice(patched.hidden_states, 1), slice(plain(text_).hidden_states, 1)));
  EXPECT_TRUE(same_bits(slice(patched.hidden_states, 2), other_states));
}

TEST_F(HookEdit, OfIdsBeforeTheModelRunsTheOtherText) {
  const Sequence other = random_text(5, 2);
  const Tensor ids = Tensor::of({1, 5}, other.input_ids);
  for (const char* path : {"", "distilbert", "embeddings", "embeddings.word_embeddings"})
    EXPECT_TRUE(same_bits(pre_hooked(path, [&](HookEvent& event) { event.replace_input(0, ids.view()); }),
                          plain(other)))
        << path;
  EXPECT_TRUE(same_bits(plain(text_), run_({text_}, everything()).texts.at(0)))
      << "the ids of the caller stay";
}

TEST_F(HookEdit, OfIdsOutsideOfTheVocabularyIsRefused) {
  expect_error("ID_RANGE",
               [&] { pre_hooked("", [](HookEvent& event) { event.edit_input(0).i64()[2] = 64; }); });
}

TEST_F(HookEdit, OfTheInputOfOneModuleDoesNotReachItsSiblings) {
  Tensor key_input;
  Tensor residual_sum;
  Tensor attended;
  const std::string layer = "transformer.layer.1.";
  const HookHandle key = run_.register_forward_hook(
      layer + "attention.k_lin", [&](HookEvent& event) { key_input = event.input(0).text(0).own(); });
  const HookHandle attention = run_.register_forward_hook(
      layer + "attention", [&](HookEvent& event) { attended = event.output(0).text(0).own(); });
  const HookHandle norm = run_.register_forward_hook(
      layer + "sa_layer_norm", [&](HookEvent& event) { residual_sum = event.input(0).text(0).own(); });
  const TextCapture capture =
      pre_hooked(layer + "attention.q_lin", [](HookEvent& event) { event.edit_input(0).fill(0.5F); });

  const Tensor states = slice(plain(text_).hidden_states, 1);
  EXPECT_TRUE(same_bits(key_input, states));
  EXPECT_TRUE(same_bits(slice(capture.hidden_states, 1), states));
  for (std::int64_t i = 0; i < states.count(); ++i)
    ASSERT_EQ(residual_sum.f32()[i], attended.f32()[i] + states.f32()[i]) << "the residual was changed";
}

TEST_F(HookEdit, OfAnInputLeavesWhatWasCapturedBefore) {
  const TextCapture before = plain(text_);
  const TextCapture after =
      pre_hooked("transformer.layer.2", [](HookEvent& event) { event.edit_input(0).fill(1.0F); });
  EXPECT_TRUE(same_bits(slice(after.hidden_states, 2), slice(before.hidden_states, 2)));
  EXPECT_FALSE(same_bits(slice(after.hidden_states, 3), slice(before.hidden_states, 3)));
}

TEST_F(HookEdit, IsSeenByLaterHooksAndByForwardHooksOfTheSameModule) {
  std::vector<float> seen;
  const HookHandle first =
      run_.register_forward_pre_hook("classifier", [](HookEvent& event) { event.edit_input(0).fill(2.0F); });
  const HookHandle second = run_.register_forward_pre_hook("classifier", [&](HookEvent& event) {
    seen.push_back(event.input(0).view().at({0, 3, 7}));
  });
  hooked("classifier", [&](HookEvent& event) { seen.push_back(event.input(0).text(0).at({3, 7})); });
  EXPECT_THAT(seen, testing::ElementsAre(2.0F, 2.0F));
}

TEST_F(HookEdit, OfOneTextLeavesTheOthersOfTheBatch) {
  const std::vector<Sequence> texts = random_texts({7, 3, 5});
  const HookHandle handle =
      run_.register_forward_hook(kAttn, [](HookEvent& event) { event.edit_output(0, 1).fill(0.1F); });
  const Captures captures = run_(texts, everything());
  EXPECT_TRUE(same_bits(captures.texts[0], plain(texts[0])));
  EXPECT_TRUE(same_bits(captures.texts[2], plain(texts[2])));
  EXPECT_GT(max_abs_difference(captures.texts[1].logits, plain(texts[1]).logits), 1e-4F);
}

TEST_F(HookEdit, ThatWasUndoneByRemovingTheHookLeavesNoTrace) {
  const TextCapture before = plain(text_);
  hooked("embeddings", [](HookEvent& event) { event.edit_output(0).fill(1.0F); });
  hooked("classifier", [](HookEvent& event) { event.edit_output(0).fill(1.0F); });
  EXPECT_TRUE(same_bits(run_({text_}, everything()).texts.at(0), before));
}

TEST_F(HookEdit, OfLogitsIsWhatTheCallerGets) {
  const TextCapture capture = hooked("", [](HookEvent& event) { event.edit_output(0).fill(3.0F); });
  EXPECT_FLOAT_EQ(capture.logits.at({4, 2}), 3.0F);
}

}  // namespace
}  // namespace attnscope
