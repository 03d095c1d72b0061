// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/probe.h"
#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

class Patching : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] double value_of(const Sequence& text) {
    return target_value(run_({text}, everything()).texts[0].logits.view(), target_);
  }
  // One run for each token, patched by an Edit.
  std::vector<float> one_by_one(const std::string& path, const Sequence& clean, const Sequence& corrupt) {
    const Tensor value = activations(run_, clean, {path}).at(0);
    const int dim = value.rank() == 3 ? 1 : 0;
    std::vector<float> effects;
    const double start = value_of(corrupt);
    const double whole = value_of(clean) - start;
    for (std::int64_t token = 0; token < value.size(dim); ++token) {
      Interventions edits;
      edits.add({.kind = EditKind::patch,
                 .path = path,
                 .rows = {token},
                 .value = value.view().narrow(dim, token, 1).own()});
      const auto applied = edits.apply(run_);
      effects.push_back(static_cast<float>((value_of(corrupt) - start) / whole));
    }
    return effects;
  }

  Model model_ = load_model({.model_type = GetParam(), .task = Task::token_classification});
  ModelRun run_{model_};
  Target target_{.label = 1, .tokens = {2}};
  Sequence clean_ = random_text(6, 1);
  Sequence corrupt_ = random_text(6, 2);
};

TEST_P(Patching, EqualsOneEditAtATime) {
  const LayerParts& parts = model_.parts().layers[1];
  const std::vector<std::string> paths{
      parts.layer, parts.output, parts.attn, parts.value, model_.parts().embeddings, "classifier"};
  const Tensor effects = patching_effects(run_, clean_, corrupt_, target_, paths);
  ASSERT_TRUE(effects.shape() == Shape({6, 6}));
  for (std::int64_t path = 0; path < 6; ++path) {
    const std::vector<float> expected = one_by_one(paths[static_cast<std::size_t>(path)], clean_, corrupt_);
    for (std::int64_t token = 0; token < 6; ++token)
      EXPECT_NEAR(effects.at({path, token}), expected[static_cast<std::size_t>(token)], 1e-5F)
          << paths[static_cast<std::size_t>(path)] << " token " << token;
  }
}

TEST_P(Patching, OfTheTargetsOwnLogitsIsTheWholeEffect) {
  const Tensor effects = patching_effects(run_, clean_, corrupt_, target_, {"classifier"});
  for (std::int64_t token = 0; token < 6; ++token)
    EXPECT_NEAR(effects.at({0, token}), token == 2 ? 1.0F : 0.0F, 1e-6F);
}

TEST_P(Patching, OfLongTextsRunsInBatches) {
  const Sequence clean = random_text(40, 5);  // 25 texts a batch
  const Sequence corrupt = random_text(40, 6);
  const std::string path = model_.parts().layers[2].layer;
  const Tensor effects = patching_effects(run_, clean, corrupt, target_, {path});
  const std::vector<float> expected = one_by_one(path, clean, corrupt);
  for (std::int64_t token = 0; token < 40; ++token)
    EXPECT_NEAR(effects.at({0, token}), expected[static_cast<std::size_t>(token)], 1e-5F);
}

TEST_P(Patching, BetweenEqualTextsIsNaN) {
  const Tensor effects = patching_effects(run_, clean_, clean_, target_, {model_.parts().layers[0].layer});
  for (std::int64_t token = 0; token < 6; ++token) EXPECT_TRUE(std::isnan(effects.at({0, token})));
}

TEST_P(Patching, LeavesTheRunAsItWas) {
  const TextCapture before = run_({corrupt_}, everything()).texts[0];
  static_cast<void>(patching_effects(run_, clean_, corrupt_, target_, {model_.parts().layers[0].layer}));
  EXPECT_TRUE(same_bits(run_({corrupt_}, everything()).texts[0], before));
}

TEST_P(Patching, RefusesWhatCannotBePatched) {
  const auto refuse = [&](const char* code, const Sequence& corrupt, const Target& target,
                          const std::vector<std::string>& paths) {
    expect_error(code, [&] { static_cast<void>(patching_effects(run_, clean_, corrupt, target, paths)); });
  };
  refuse("LENGTHS", random_text(5, 1), target_, {"classifier"});
  refuse("TARGET", corrupt_, {.label = 3, .tokens = {2}}, {"classifier"});
  refuse("TARGET", corrupt_, {.label = 1, .tokens = {6}}, {"classifier"});
  refuse("HOOK_PATH", corrupt_, target_, {"nowhere"});
}

INSTANTIATE_TEST_SUITE_P(Of, Patching, testing::Values("distilbert", "bert"));

TEST(PatchingOfWholeTexts, NeedsRowsOfTokens) {
  ModelRun run(load_model({.model_type = "bert", .task = Task::sequence_classification}));
  const Sequence clean = random_text(6, 1);
  expect_error("HOOK_SHAPE", [&] {
    static_cast<void>(patching_effects(run, clean, random_text(6, 2), {.label = 1}, {"bert.pooler"}));
  });
}

TEST(PatchingOfAnEncoder, IsRefused) {
  ModelRun run(load_model({}));
  expect_error("NO_HEAD", [&] {
    static_cast<void>(patching_effects(run, random_text(6, 1), random_text(6, 2), {}, {"embeddings"}));
  });
}

}  // namespace
}  // namespace attnscope
