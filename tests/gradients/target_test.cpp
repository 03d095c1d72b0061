// SPDX-License-Identifier: Apache-2.0
#include "gradients/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "slopes.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Of = Target::Of;

const Tensor kLabels = Tensor::of({3}, std::vector{1.0F, 3.0F, 2.0F});
const Tensor kTokens = Tensor::of({2, 3}, std::vector{1.0F, 3.0F, 2.0F, -1.0F, 0.0F, 1.0F});
const double kSum = std::exp(1.0) + std::exp(3.0) + std::exp(2.0);

TEST(TargetValue, IsWhatTheTargetSays) {
  const auto value = [](Of of) { return target_value(kLabels.view(), {.of = of, .label = 2}); };
  EXPECT_DOUBLE_EQ(value(Of::logit), 2.0);
  EXPECT_NEAR(value(Of::probability), std::exp(2.0) / kSum, 1e-12);
  EXPECT_NEAR(value(Of::log_probability), 2.0 - std::log(kSum), 1e-12);
  EXPECT_NEAR(value(Of::loss), std::log(kSum) - 2.0, 1e-12);
}

TEST(TargetValue, AddsUpTokens) {
  EXPECT_DOUBLE_EQ(target_value(kTokens.view(), {.label = 1, .tokens = {0, 1}}), 3.0);
  EXPECT_DOUBLE_EQ(target_value(kTokens.view(), {.label = 0, .tokens = {1, 1}}), -2.0);
}

TEST(TargetValue, OfAnAnswerIsAShareOfTheTokens) {
  const Target target{.of = Of::probability, .label = 1, .tokens = {1}, .share = Target::Share::tokens};
  EXPECT_NEAR(target_value(kTokens.view(), target), 1.0 / (1.0 + std::exp(3.0)), 1e-12);
}

TEST(TargetValue, ReadsLogitsOfAnyStrides) {
  const Tensor wide = Tensor::of({2, 2}, std::vector{1.0F, 9.0F, 3.0F, 9.0F});
  EXPECT_DOUBLE_EQ(target_value(wide.view().select(1, 0), {.label = 1}), 3.0);
}

TEST(TargetValue, StaysFiniteForLargeLogits) {
  const Tensor logits = Tensor::of({2}, std::vector{2000.0F, -2000.0F});
  EXPECT_DOUBLE_EQ(target_value(logits.view(), {.of = Of::loss, .label = 1}), 4000.0);
  EXPECT_DOUBLE_EQ(target_value(logits.view(), {.of = Of::probability, .label = 0}), 1.0);
}

TEST(TargetGradient, IsTheSlopeOfTheValue) {
  for (const Of of : {Of::logit, Of::probability, Of::log_probability, Of::loss})
    for (const Target::Share share : {Target::Share::labels, Target::Share::tokens}) {
      const Target target{.of = of, .label = 1, .tokens = {0, 1, 1}, .share = share};
      Tensor gradient(kTokens.shape());
      target_gradient(kTokens.view(), target, gradient.mutable_view().f32());
      for (std::int64_t i = 0; i < kTokens.count(); ++i) {
        const double expected = slope(
            [&](float step) {
              Tensor moved = kTokens.view().own();
              moved.mutable_view().f32()[i] += step;
              return target_value(moved.view(), target);
            },
            0.0625F);
        EXPECT_NEAR(gradient.f32()[i], expected, 2e-5) << static_cast<int>(of) << " " << i;
      }
    }
}

TEST(PredictedTarget, IsTheLabelWithTheLargestLogit) {
  const Target of_text = predicted_target(kLabels.view(), {}, Of::probability);
  EXPECT_EQ(of_text.label, 1);
  EXPECT_EQ(of_text.of, Of::probability);
  EXPECT_TRUE(of_text.tokens.empty());
  const Target of_tokens = predicted_target(kTokens.view(), {1, 0});
  EXPECT_EQ(of_tokens.label, 2);
  EXPECT_THAT(of_tokens.tokens, ElementsAre(1, 0));
}

std::string refused(const Tensor& logits, const Target& target) {
  return to_string(expect_error("TARGET", [&] { static_cast<void>(target_value(logits.view(), target)); }));
}

TEST(TargetValue, RefusesWhatIsNotThere) {
  EXPECT_THAT(refused(kLabels, {.label = 3}), HasSubstr("target: label: 3 does not exist; choose from 0..2"));
  EXPECT_THAT(refused(kLabels, {.label = -1}), HasSubstr("-1 does not exist"));
  EXPECT_THAT(refused(kLabels, {.label = 0, .tokens = {0}}), HasSubstr("leave them out"));
  EXPECT_THAT(refused(kTokens, {.label = 0}), HasSubstr("tokens: none, but every token has logits"));
  EXPECT_THAT(refused(kTokens, {.label = 0, .tokens = {2}}), HasSubstr("tokens: 2 does not exist"));
  EXPECT_THAT(refused(Tensor({1, 2, 3}), {.label = 0}), HasSubstr("[1, 2, 3]"));
}

}  // namespace
}  // namespace attnscope
