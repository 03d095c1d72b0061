// SPDX-License-Identifier: Apache-2.0
#include "gradients/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::ElementsAre;

TEST(Paths, HoldThoseBelowThem) {
  EXPECT_TRUE(holds("", "a.b"));
  EXPECT_TRUE(holds("a", "a.b"));
  EXPECT_TRUE(holds("a.b", "a.b"));
  EXPECT_FALSE(holds("a.b", "a"));
  EXPECT_FALSE(holds("layer.1", "layer.10"));
  EXPECT_EQ(parent_path("a.b.c"), "a.b");
  EXPECT_EQ(parent_path("a"), "");
}

/// What hooks changed in one run of a BERT of 4 tokens, whose hooks change number 3 of some values.
class ChangesOfARun : public testing::Test {
 protected:
  void change_output(const std::string& path) {
    handles_.push_back(
        run_.register_forward_hook(path, [](HookEvent& event) { event.edit_output(0, 0).f32()[3] += 1.0F; }));
  }
  void change_input(const std::string& path, std::size_t index) {
    handles_.push_back(run_.register_forward_pre_hook(
        path, [index](HookEvent& event) { event.edit_input(index, 0).f32()[3] += 1.0F; }));
  }
  void run() {
    handles_.push_back(
        run_.register_forward_pre_hook("**", [this](HookEvent& event) { changes_.note_inputs(event); }));
    handles_.push_back(
        run_.register_forward_hook("**", [this](HookEvent& event) { changes_.note_outputs(event); }));
    run_({random_text(4, 1)});
  }
  // A gradient of ones after `cut`, where it is 0.
  template <class Cut>
  std::vector<std::size_t> zeros(const Cut& cut) {
    std::vector<float> gradient(4 * 32, 1.0F);
    cut(gradient.data(), static_cast<std::int64_t>(gradient.size()));
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < gradient.size(); ++i)
      if (gradient[i] == 0.0F) found.push_back(i);
    return found;
  }

  Model model_ = load_model({.model_type = "bert"});
  ModelRun run_{model_};
  Changes changes_{model_.parts()};
  std::vector<HookHandle> handles_;
};

TEST_F(ChangesOfARun, LieOnTheWayOutOfTheModulesThatHoldTheProducerOnly) {
  change_output("encoder.layer.0.attention");
  run();
  const auto leave = [&](const char* producer, const char* consumer) {
    return zeros(
        [&](float* gradient, std::int64_t count) { changes_.leave(producer, consumer, gradient, count); });
  };
  EXPECT_THAT(leave("encoder.layer.0.attention.output.LayerNorm", "encoder.layer.0.intermediate.dense"),
              ElementsAre(3));
  EXPECT_THAT(leave("encoder.layer.0.attention.self.query", "encoder.layer.0.attention.self.attn"),
              ElementsAre());
  EXPECT_THAT(leave("encoder.layer.1.attention.output.LayerNorm", "encoder.layer.1.intermediate.dense"),
              ElementsAre());
}

TEST_F(ChangesOfARun, LieOnTheWayInByTheInputThatIsMeant) {
  change_input("encoder.layer.0.output", 1);  // the value beside
  run();
  const char* norm = "encoder.layer.0.output.LayerNorm";
  const char* attended = "encoder.layer.0.attention.output.LayerNorm";
  EXPECT_THAT(zeros([&](float* gradient, std::int64_t count) {
                changes_.enter_beside(norm, attended, gradient, count);
              }),
              ElementsAre(3));
  EXPECT_THAT(zeros([&](float* gradient, std::int64_t count) {
                changes_.enter("encoder.layer.0.output.dense", attended, gradient, count);
              }),
              ElementsAre());
}

TEST_F(ChangesOfARun, AreOfTheNumbersThatDifferOnly) {
  handles_.push_back(run_.register_forward_hook("encoder.layer.1.attention.self.attn", [](HookEvent& event) {
    const MutableTensorView weights = event.edit_output(0, 0);
    weights.f32()[5] = 0.0F;
  }));
  run();
  EXPECT_EQ(changes_.output_mask("encoder.layer.0.attention.self.attn", 0), nullptr);
  const float* mask = changes_.output_mask("encoder.layer.1.attention.self.attn", 0);
  ASSERT_NE(mask, nullptr);
  for (int i = 0; i < 4 * 4 * 4; ++i) EXPECT_EQ(mask[i], i == 5 ? 0.0F : 1.0F) << i;
  EXPECT_EQ(changes_.output_mask("encoder.layer.1.attention.self.attn", 1), nullptr)
      << "the context follows from the weights";
}

}  // namespace
}  // namespace attnscope
