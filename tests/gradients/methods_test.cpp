// SPDX-License-Identifier: Apache-2.0
//
// The methods on top of gradients, by the equations that they promise.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "slopes.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr Task kTask = Task::token_classification;
constexpr PathOptions::Rule kLeft = PathOptions::Rule::left;

double sum(const TensorView& values) {
  const Tensor own = values.own();
  return std::accumulate(own.f32(), own.f32() + own.count(), 0.0);
}

class Methods : public testing::TestWithParam<const char*> {
 protected:
  [[nodiscard]] TextGradients gradients_of(const Sequence& text, const GradientRequest& request) {
    return gradients(run_, {text}, {target_}, request).front();
  }
  [[nodiscard]] const std::string& attn(std::int64_t layer) const {
    return model_.parts().layers[static_cast<std::size_t>(layer)].attn;
  }

  Model model_ = load_model(tiny_spec(GetParam(), kTask));
  ModelRun run_{model_};
  Sequence text_ = random_text(6, 3);
  Target target_ = some_target(kTask);
  Tensor baseline_ = baseline_embeddings(model_, text_, 4, {1, 0, 0, 0, 0, 1});
};

TEST_P(Methods, GradientXInputAddsUpTheWidth) {
  const TextGradients found = gradients_of(text_, {.inputs_embeds = true});
  const Tensor scores = gradient_x_input(run_, text_, target_);
  ASSERT_EQ(to_string(scores.shape()), "[6]");
  for (std::int64_t token = 0; token < 6; ++token) {
    const Tensor row = found.inputs_embeds.view().select(0, token).own();
    EXPECT_NEAR(scores.at({token}), inner(found.inputs_embeds_gradients.view().select(0, token), row), 1e-6);
  }
}

TEST_P(Methods, BaselineKeepsTheFlaggedTokensAndPutsTheIdElsewhere) {
  const Tensor table = model_.module(model_.parts().word_embeddings).parameters[0].value();
  for (const std::int64_t token : {0, 5})
    EXPECT_TRUE(same_bits(baseline_.view().select(0, token),
                          table.view().select(0, text_.input_ids[static_cast<std::size_t>(token)])));
  for (const std::int64_t token : {1, 2, 3, 4})
    EXPECT_TRUE(same_bits(baseline_.view().select(0, token), table.view().select(0, 4)));
}

TEST_P(Methods, IntegratedGradientsAddUpToTheDifference) {
  for (const Target::Of of : {Target::Of::logit, Target::Of::probability, Target::Of::loss}) {
    target_.of = of;
    const IntegratedGradients found =
        integrated_gradients(run_, text_, target_, baseline_, {.steps = 400});  // three batches
    EXPECT_NEAR(sum(found.scores.view()), found.value - found.baseline_value, 1e-3);
    EXPECT_GT(std::abs(found.value - found.baseline_value), 1e-2);
    EXPECT_EQ(found.value, value_of(run_, text_, target_));
    EXPECT_EQ(found.scores.at({0}), 0.0F) << "a token that is as in the baseline";
  }
}

TEST_P(Methods, IntegratedGradientsOfOneStepAreTheGradientThere) {
  const TextGradients end = gradients_of(text_, {.inputs_embeds = true});
  for (const PathOptions::Rule rule : {kLeft, PathOptions::Rule::middle}) {
    const float place = rule == kLeft ? 0.0F : 0.5F;
    Sequence point = text_;
    point.inputs_embeds = baseline_.view().own();
    Tensor way = end.inputs_embeds.view().own();
    add_scaled(way.mutable_view(), baseline_, -1.0F);
    add_scaled(point.inputs_embeds.mutable_view(), way, place);
    const TextGradients there = gradients_of(point, {.inputs_embeds = true});
    const IntegratedGradients found =
        integrated_gradients(run_, text_, target_, baseline_, {.steps = 1, .rule = rule});
    for (std::int64_t token = 0; token < 6; ++token)
      EXPECT_NEAR(
          found.scores.at({token}),
          inner(there.inputs_embeds_gradients.view().select(0, token), way.view().select(0, token).own()),
          1e-5);
  }
}

TEST_P(Methods, IntegratedGradientsRefuseAnotherShapeAndNoSteps) {
  const auto refused = [&](const char* code, const Tensor& baseline, std::int64_t steps) {
    return to_string(expect_error(code, [&] {
      static_cast<void>(integrated_gradients(run_, text_, target_, baseline, {.steps = steps}));
    }));
  };
  EXPECT_THAT(refused("BASELINE", Tensor({5, 16}), 8), HasSubstr("F32 [5, 16], expected F32 [6, 16]"));
  EXPECT_THAT(refused("BASELINE", {}, 8), HasSubstr("nothing, expected"));
  EXPECT_THAT(refused("RANGE", baseline_, 0), HasSubstr("steps: 0"));
  expect_error("BASELINE", [&] {
    static_cast<void>(baseline_embeddings(model_, text_, 64, {0, 0, 0, 0, 0, 0}));
  });
  expect_error("BASELINE", [&] { static_cast<void>(baseline_embeddings(model_, text_, 4, {0})); });
}

TEST_P(Methods, GradientXAttentionIsTheProduct) {
  const TextGradients found = gradients_of(text_, {.attentions = true});
  const Tensor scores = gradient_x_attention(run_, text_, target_);
  for (std::int64_t i = 0; i < scores.count(); ++i)
    ASSERT_EQ(scores.f32()[i], found.attentions.f32()[i] * found.attention_gradients.f32()[i]);
}

TEST_P(Methods, AttentionAttributionAddsUpToTheDifferenceOfEveryLayer) {
  for (const Target::Of of : {Target::Of::logit, Target::Of::probability}) {
    target_.of = of;
    const AttentionAttribution found =
        attention_attribution(run_, text_, target_, {.steps = 400});  // three batches
    EXPECT_EQ(found.value, value_of(run_, text_, target_));
    for (std::int64_t layer = 0; layer < 2; ++layer) {
      const HookHandle off = run_.register_forward_hook(
          attn(layer), [](HookEvent& event) { event.edit_output(0, 0).fill(0.0F); });
      const double without = value_of(run_, text_, target_);
      EXPECT_FLOAT_EQ(found.value_without.at({layer}), static_cast<float>(without));
      EXPECT_NEAR(sum(found.scores.view().select(0, layer)), found.value - without, 1e-3);
      EXPECT_GT(std::abs(found.value - without), 1e-3);
    }
  }
}

TEST_P(Methods, AttentionAttributionByTheLeftRuleStartsAtZeroWeights) {
  const AttentionAttribution found = attention_attribution(run_, text_, target_, {.steps = 1, .rule = kLeft});
  const TextGradients whole = gradients_of(text_, {.attentions = true});
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    const HookHandle off =
        run_.register_forward_hook(attn(layer), [](HookEvent& event) { event.edit_output(0, 0).fill(0.0F); });
    const TextGradients without = gradients_of(text_, {.attentions = true});
    const TensorView expected = without.attention_gradients.view().select(0, layer);
    const TensorView weights = whole.attentions.view().select(0, layer);
    for (std::int64_t i = 0; i < weights.count(); ++i)
      ASSERT_NEAR(found.scores.view().select(0, layer).f32()[i], weights.f32()[i] * expected.f32()[i], 1e-6);
  }
}

// R <- R + mean_h max(0, A G) R, element by element.
TEST_P(Methods, RelevancePropagationFollowsItsRule) {
  const TextGradients found = gradients_of(text_, {.attentions = true});
  double relevance[6][6] = {};
  for (int i = 0; i < 6; ++i) relevance[i][i] = 1.0;
  for (std::int64_t layer = 0; layer < 2; ++layer) {
    double next[6][6];
    for (std::int64_t i = 0; i < 6; ++i)
      for (std::int64_t k = 0; k < 6; ++k) {
        next[i][k] = relevance[i][k];
        for (std::int64_t j = 0; j < 6; ++j)
          for (std::int64_t head = 0; head < 2; ++head)
            next[i][k] += 0.5 * relevance[j][k] *
                          std::max(0.0, double{found.attentions.at({layer, head, i, j})} *
                                            double{found.attention_gradients.at({layer, head, i, j})});
      }
    std::copy_n(&next[0][0], 36, &relevance[0][0]);
  }
  const Tensor result = relevance_propagation(run_, text_, target_);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t k = 0; k < 6; ++k) EXPECT_NEAR(result.at({i, k}), relevance[i][k], 1e-6);
  EXPECT_GT(sum(result.view()), 6.001);
}

TEST_P(Methods, HeadSensitivityIsTheSlopeOfScalingAHead) {
  const Tensor found = head_sensitivity(run_, text_, target_);
  ASSERT_EQ(to_string(found.shape()), "[2, 2]");
  for (std::int64_t layer = 0; layer < 2; ++layer)
    for (std::int64_t head = 0; head < 2; ++head) {
      const double expected = slope([&](float step) {
        const HookHandle handle = run_.register_forward_hook(attn(layer), [&](HookEvent& event) {
          const MutableTensorView context = event.edit_output(1, 0);  // [n, heads, head_dim]
          for (std::int64_t token = 0; token < 6; ++token)
            for (std::int64_t i = 0; i < 8; ++i) context.f32()[token * 16 + head * 8 + i] *= 1.0F + step;
        });
        return value_of(run_, text_, target_);
      });
      EXPECT_NEAR(found.at({layer, head}), std::abs(expected), 2e-3 * std::abs(expected) + 1e-4);
    }
}

INSTANTIATE_TEST_SUITE_P(Models, Methods, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

}  // namespace
}  // namespace attnscope
