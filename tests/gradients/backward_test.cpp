// SPDX-License-Identifier: Apache-2.0
//
// Gradients against differences of what the model gives.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "slopes.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

constexpr Task kTasks[] = {Task::masked_lm, Task::sequence_classification, Task::token_classification,
                           Task::question_answering};
const GradientRequest kEverything{
    .attentions = true, .contexts = true, .inputs_embeds = true, .hidden_states = true};

class BackwardOf : public testing::TestWithParam<std::tuple<const char*, Task>> {
 protected:
  [[nodiscard]] Task task() const { return std::get<Task>(GetParam()); }
  [[nodiscard]] TextGradients found() { return gradients(run_, {text_}, {target_}, kEverything).front(); }

  // Slope of the target along a direction of an output of a module.
  double slope_of_output(const std::string& path, std::size_t index, const Tensor& along) {
    return slope([&](float step) {
      const HookHandle handle = run_.register_forward_hook(
          path, [&](HookEvent& event) { add_scaled(event.edit_output(index, 0), along, step); });
      return value_of(run_, text_, target_);
    });
  }

  Model model_ = load_model(tiny_spec(std::get<const char*>(GetParam()), task()));
  ModelRun run_{model_};
  Sequence text_ = embedded(model_, random_text(7, 3));
  Target target_ = some_target(task());
};

// Differences of fp32 values at steps of 0.004 are good to about this share of the gradient.
void expect_slope(double found, double slope) { EXPECT_NEAR(found, slope, 2e-3 * std::abs(slope) + 2e-4); }

TEST_P(BackwardOf, GivesTheSlopesOfTheWordEmbeddings) {
  const TextGradients result = found();
  EXPECT_TRUE(same_bits(result.inputs_embeds, text_.inputs_embeds));
  for (std::uint32_t seed = 1; seed < 4; ++seed) {
    const Tensor along = direction(text_.inputs_embeds.shape(), seed);
    expect_slope(inner(result.inputs_embeds_gradients.view(), along),
                 slope_of_embeds(run_, text_, target_, along));
  }
}

TEST_P(BackwardOf, GivesTheSlopesOfTheWeightsOfEveryLayer) {
  const TextGradients result = found();
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    const TensorView gradient = result.attention_gradients.view().select(0, layer);
    const Tensor along = direction(gradient.shape(), 5);
    const std::string& attn = model_.parts().layers[static_cast<std::size_t>(layer)].attn;
    expect_slope(inner(gradient, along), slope_of_output(attn, 0, along));
  }
}

TEST_P(BackwardOf, GivesTheSlopesOfTheContextsOfEveryLayer) {
  const TextGradients result = found();
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    const TensorView gradient = result.context_gradients.view().select(0, layer);
    const Tensor along = direction(gradient.shape(), 6);
    const std::string& attn = model_.parts().layers[static_cast<std::size_t>(layer)].attn;
    expect_slope(inner(gradient, along), slope_of_output(attn, 1, along));
  }
}

TEST_P(BackwardOf, GivesTheSlopesOfTheHiddenStates) {
  const TextGradients result = found();
  for (std::int64_t state = 0; state < 3; ++state) {
    const TensorView gradient = result.hidden_state_gradients.view().select(0, state);
    const Tensor along = direction(gradient.shape(), 7);
    const std::string path = state == 0 ? model_.parts().embeddings
                                        : model_.parts().layers[static_cast<std::size_t>(state - 1)].layer;
    expect_slope(inner(gradient, along), slope_of_output(path, 0, along));
  }
}

TEST_P(BackwardOf, GivesTheValuesOfTheRunBesideTheGradients) {
  const TextGradients result = found();
  const TextCapture expected = run_(std::vector<Sequence>{text_}, everything()).texts.at(0);
  EXPECT_TRUE(same_bits(result.attentions, expected.attentions));
  EXPECT_TRUE(same_bits(result.logits, expected.logits));
  EXPECT_EQ(result.value, target_value(expected.logits.view(), target_));
}

TEST_P(BackwardOf, TakesIdsAsTheirRowsOfTheTable) {
  Sequence ids = text_;
  ids.inputs_embeds = {};
  const TextGradients result = gradients(run_, {ids}, {target_}, kEverything).front();
  EXPECT_TRUE(same_bits(result.inputs_embeds_gradients, found().inputs_embeds_gradients));
  EXPECT_TRUE(same_bits(result.inputs_embeds, text_.inputs_embeds));
}

TEST_P(BackwardOf, KnowsUnattendedTokensAndThePooledOne) {
  text_.num_unattended = 2;
  text_.pooled_token = 5;
  const TextGradients result = found();
  const Tensor along = direction(text_.inputs_embeds.shape(), 2);
  expect_slope(inner(result.inputs_embeds_gradients.view(), along),
               slope_of_embeds(run_, text_, target_, along));
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    const TensorView gradient = result.attention_gradients.view().select(0, layer);  // [heads, n, n]
    const Tensor weights = direction(gradient.shape(), 8);
    const std::string& attn = model_.parts().layers[static_cast<std::size_t>(layer)].attn;
    expect_slope(inner(gradient, weights), slope_of_output(attn, 0, weights));
    for (std::int64_t row = 0; row < 14; ++row)
      for (const std::int64_t key : {5, 6}) EXPECT_EQ(gradient.f32()[row * 7 + key], 0.0F);
  }
}

TEST_P(BackwardOf, HasTheSameBitsOnAnyNumberOfThreads) {
  std::vector<TextGradients> results;
  for (const int threads : {1, 3}) {
    run_.set_threads(threads);
    results.push_back(found());
  }
  EXPECT_TRUE(same_bits(results[0].inputs_embeds_gradients, results[1].inputs_embeds_gradients));
  EXPECT_TRUE(same_bits(results[0].attention_gradients, results[1].attention_gradients));
  EXPECT_TRUE(same_bits(results[0].hidden_state_gradients, results[1].hidden_state_gradients));
}

TEST_P(BackwardOf, GivesEachTextOfABatchItsOwn) {
  std::vector<Sequence> texts;
  for (const std::int64_t length : {3, 9, 400, 500, 300, 5})  // more than run together
    texts.push_back(embedded(model_, random_text(length, static_cast<std::uint32_t>(length))));
  std::vector<Target> targets(texts.size(), target_);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i].label = static_cast<std::int64_t>(i % 2);
  const std::vector<TextGradients> together = gradients(run_, texts, targets, kEverything);
  ASSERT_EQ(together.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const TextGradients alone = gradients(run_, {texts[i]}, {targets[i]}, kEverything).front();
    EXPECT_EQ(together[i].value, alone.value);
    for (Tensor TextGradients::*field :
         {&TextGradients::attention_gradients, &TextGradients::context_gradients,
          &TextGradients::inputs_embeds_gradients, &TextGradients::hidden_state_gradients})
      EXPECT_LT(max_abs_difference(together[i].*field, alone.*field), 1e-5F) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, BackwardOf,
                         testing::Combine(testing::Values("distilbert", "bert"), testing::ValuesIn(kTasks)));

TEST(Gradients, KeepWhatWasAskedForOnly) {
  ModelRun run(load_model(tiny_spec("bert", Task::token_classification)));
  const TextGradients found =
      gradients(run, {random_text(4, 1)}, {some_target(Task::token_classification)}, {.contexts = true})
          .front();
  EXPECT_TRUE(found.attentions.empty());
  EXPECT_TRUE(found.attention_gradients.empty());
  EXPECT_TRUE(found.inputs_embeds.empty());
  EXPECT_TRUE(found.hidden_state_gradients.empty());
  EXPECT_EQ(to_string(found.contexts.shape()), "[2, 4, 2, 8]");
  EXPECT_EQ(to_string(found.context_gradients.shape()), "[2, 4, 2, 8]");
}

TEST(Gradients, OfNoTextsAreNone) {
  ModelRun run(load_model(tiny_spec("bert", Task::token_classification)));
  EXPECT_TRUE(gradients(run, {}, {}, kEverything).empty());
}

TEST(Gradients, NeedATaskHead) {
  ModelRun run(load_model({.model_type = "bert"}));
  const ErrorInfo error = expect_error(
      "NO_HEAD", [&] { static_cast<void>(gradients(run, {random_text(4, 1)}, {Target{}}, kEverything)); });
  EXPECT_THAT(to_string(error), HasSubstr("BertModel has no task head"));
}

TEST(Gradients, NeedOneTargetForEachText) {
  ModelRun run(load_model(tiny_spec("bert", Task::sequence_classification)));
  const ErrorInfo error = expect_error("TARGET", [&] {
    static_cast<void>(gradients(run, {random_text(4, 1), random_text(4, 2)}, {Target{}}, kEverything));
  });
  EXPECT_THAT(to_string(error), HasSubstr("1 targets for 2 texts"));
}

TEST(Gradients, EndWhereThePollThrows) {
  bool ends = false;
  const auto poll = [&] {
    if (ends) throw std::runtime_error("enough");
  };
  ModelRun run(load_model(tiny_spec("bert", Task::sequence_classification)), {.poll = poll});
  const std::vector<Sequence> texts{random_text(40, 1)};
  ends = true;
  EXPECT_THROW(static_cast<void>(gradients(run, texts, {Target{}}, kEverything)), std::runtime_error);
  ends = false;
  EXPECT_EQ(gradients(run, texts, {Target{}}, kEverything).size(), 1U);
}

}  // namespace
}  // namespace attnscope
