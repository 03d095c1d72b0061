// SPDX-License-Identifier: Apache-2.0
//
// Gradients of a run with hooks: what a hook changed is a constant.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "slopes.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

/// Every other number of a value of the first text becomes a constant.
void fix_half(const MutableTensorView& value) {
  for (std::int64_t i = 0; i < value.count(); i += 2) value.f32()[i] = 0.25F;
}

bool is_float(const Activation& value) { return value.text(0).dtype() == DType::f32; }

class HookedGradients : public testing::TestWithParam<std::tuple<const char*, Task>> {
 protected:
  [[nodiscard]] Task task() const { return std::get<Task>(GetParam()); }

  void expect_slopes(const std::string& what) {
    const GradientRequest request{.inputs_embeds = true};
    const Tensor gradient = gradients(run_, {text_}, {target_}, request).front().inputs_embeds_gradients;
    constexpr float kStep = 1e-3F;  // so small that no ReLU has its corner within it
    const double expected = slope_of_embeds(run_, text_, target_, along_, kStep);
    EXPECT_NEAR(inner(gradient.view(), along_), expected, 2e-3 * std::abs(expected) + 3e-4) << what;
  }

  // The modules whose input is that of the model: a hook that changes it changes the text.
  [[nodiscard]] bool takes_the_text(const std::string& path) const {
    const std::string& embeddings = model_.parts().embeddings;
    return path.empty() || embeddings == path || embeddings.starts_with(path + ".");
  }

  Model model_ = load_model(tiny_spec(std::get<const char*>(GetParam()), task()));
  ModelRun run_{model_};
  Sequence text_ = embedded(model_, random_text(5, 3));
  Target target_ = some_target(task());
  Tensor along_ = direction(text_.inputs_embeds.shape(), 9);
};

TEST_P(HookedGradients, HoldChangedOutputsOfEveryModuleConstant) {
  int changed = 0;
  for (const ModuleInfo& module : model_.modules())
    for (std::size_t index = 0; index < 2; ++index) {
      const HookHandle handle = run_.register_forward_hook(module, [&](HookEvent& event) {
        if (index >= event.num_outputs() || !is_float(event.output(index))) return;
        fix_half(event.edit_output(index, 0));
        ++changed;
      });
      expect_slopes(module.path + " output " + std::to_string(index));
    }
  EXPECT_GT(changed, 40);
}

TEST_P(HookedGradients, HoldChangedInputsOfEveryModuleConstant) {
  int changed = 0;
  for (const ModuleInfo& module : model_.modules())
    for (std::size_t index = 0; index < 3 && !takes_the_text(module.path); ++index) {
      const HookHandle handle = run_.register_forward_pre_hook(module, [&](HookEvent& event) {
        if (index >= event.num_inputs() || !is_float(event.input(index))) return;
        fix_half(event.edit_input(index, 0));
        ++changed;
      });
      expect_slopes(module.path + " input " + std::to_string(index));
    }
  EXPECT_GT(changed, 40);
}

TEST_P(HookedGradients, TakeHooksOfOneModuleTogether) {
  const std::string& attn = model_.parts().layers[0].attn;
  const HookHandle context =
      run_.register_forward_hook(attn, [](HookEvent& event) { fix_half(event.edit_output(1, 0)); });
  const HookHandle weights =  // undoes the first, as the context follows from the weights
      run_.register_forward_hook(attn, [](HookEvent& event) { fix_half(event.edit_output(0, 0)); });
  expect_slopes("context, then weights");
  const HookHandle again =
      run_.register_forward_hook(attn, [](HookEvent& event) { fix_half(event.edit_output(1, 0)); });
  expect_slopes("context, weights, context");
}

INSTANTIATE_TEST_SUITE_P(Models, HookedGradients,
                         testing::Combine(testing::Values("distilbert", "bert"),
                                          testing::Values(Task::masked_lm, Task::sequence_classification,
                                                          Task::token_classification,
                                                          Task::question_answering)));

const GradientRequest kSome{.attentions = true, .inputs_embeds = true};
constexpr Task kTokens = Task::token_classification;

TEST(GradientsUnderHooks, HaveTheBitsOfTheRunWhereHooksOnlyLook) {
  const Model model = load_model(tiny_spec("bert", kTokens));
  ModelRun run(model);
  const std::vector<Sequence> texts = random_texts({6, 4});
  const std::vector<Target> targets(2, some_target(kTokens));
  const auto expected = gradients(run, texts, targets, kSome);
  int calls = 0;
  const HookHandle handle = run.register_forward_hook("**", [&](HookEvent& event) {
    ++calls;
    if (event.num_outputs() > 0 && is_float(event.output(0))) static_cast<void>(event.edit_output(0, 0));
  });
  const auto found = gradients(run, texts, targets, kSome);
  EXPECT_GT(calls, 20);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(same_bits(found[i].inputs_embeds_gradients, expected[i].inputs_embeds_gradients));
    EXPECT_TRUE(same_bits(found[i].attention_gradients, expected[i].attention_gradients));
  }
}

TEST(GradientsUnderHooks, OfOneTextAreNotThoseOfAnother) {
  const Model model = load_model(tiny_spec("distilbert", kTokens));
  ModelRun run(model);
  const std::vector<Sequence> texts = random_texts({6, 4});
  const std::vector<Target> targets(2, some_target(kTokens));
  const auto expected = gradients(run, texts, targets, kSome);
  const HookHandle handle = run.register_forward_hook(
      model.parts().layers[1].layer, [](HookEvent& event) { event.edit_output(0, 1).fill(0.5F); });
  const auto found = gradients(run, texts, targets, kSome);
  EXPECT_TRUE(same_bits(found[0].inputs_embeds_gradients, expected[0].inputs_embeds_gradients));
  const Tensor& other = found[1].inputs_embeds_gradients;
  EXPECT_THAT(std::vector<float>(other.f32(), other.f32() + other.count()), testing::Each(0.0F));
}

TEST(GradientsUnderHooks, AreThoseOfTheValueThatTookTheirPlace) {
  const Model model = load_model(tiny_spec("bert", kTokens));
  ModelRun run(model);
  const Sequence text = random_text(5, 1);
  const Tensor uniform = [] {
    Tensor weights({2, 5, 5});
    weights.mutable_view().fill(0.2F);
    return weights;
  }();
  const Tensor along = direction(uniform.shape(), 4);
  const auto put = [&](float step) {
    return run.register_forward_hook(model.parts().layers[1].attn, [&, step](HookEvent& event) {
      event.replace_output(0, 0, uniform.view());
      add_scaled(event.edit_output(0, 0), along, step);
    });
  };
  const Target target = some_target(kTokens);
  const double expected = slope([&](float step) {
    const HookHandle handle = put(step);
    return value_of(run, text, target);
  });
  const HookHandle handle = put(0.0F);
  const TextGradients found = gradients(run, {text}, {target}, kSome).front();
  EXPECT_TRUE(same_bits(found.attentions.view().select(0, 1), uniform.view()));
  EXPECT_NEAR(inner(found.attention_gradients.view().select(0, 1), along), expected,
              2e-3 * std::abs(expected) + 1e-4);
}

TEST(GradientsUnderHooks, LeaveNoHooksBehind) {
  const Model model = load_model(tiny_spec("bert", kTokens));
  ModelRun run(model);
  int calls = 0;
  const HookHandle handle =
      run.register_forward_hook(model.parts().layers[0].attn, [&](HookEvent&) { ++calls; });
  static_cast<void>(gradients(run, {random_text(5, 1)}, {some_target(kTokens)}, kSome));
  EXPECT_EQ(calls, 1);
  run({random_text(5, 1)}, Request::outputs());
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace attnscope
