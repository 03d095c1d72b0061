// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/probe.h"
#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMask = 63;

class LeaveOneOut : public testing::TestWithParam<std::string> {
 protected:
  [[nodiscard]] double value_of(const Sequence& text, const Target& target) {
    return target_value(run_({text}, everything()).texts[0].logits.view(), target);
  }
  Model model_ = load_model({.model_type = GetParam(), .task = Task::token_classification});
  ModelRun run_{model_};
  Sequence text_ = random_text(7, 1);
  Target target_{.label = 1, .tokens = {3}};
  std::vector<std::vector<std::int64_t>> groups_{{1}, {2, 4}, {5}, {3}};
};

TEST_P(LeaveOneOut, ReplacesTheTokensOfEachGroup) {
  const Tensor changes = leave_one_out(run_, text_, target_, groups_, kMask);
  ASSERT_TRUE(changes.shape() == Shape({4}));
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    Sequence changed = text_;
    for (const std::int64_t token : groups_[group])
      changed.input_ids[static_cast<std::size_t>(token)] = kMask;
    EXPECT_NEAR(changes.at({static_cast<std::int64_t>(group)}),
                value_of(changed, target_) - value_of(text_, target_), 1e-6);
  }
}

TEST_P(LeaveOneOut, LeavesTheTokensOfEachGroupOut) {
  const Tensor changes = leave_one_out(run_, text_, target_, groups_, std::nullopt);
  const auto& ids = text_.input_ids;
  const struct {
    std::vector<std::int64_t> ids;
    std::int64_t target;
  } expected[] = {{{ids[0], ids[2], ids[3], ids[4], ids[5], ids[6]}, 2},
                  {{ids[0], ids[1], ids[3], ids[5], ids[6]}, 2},
                  {{ids[0], ids[1], ids[2], ids[3], ids[4], ids[6]}, 3}};
  for (std::int64_t group = 0; group < 3; ++group) {
    const Target moved{.label = 1, .tokens = {expected[group].target}};
    EXPECT_NEAR(changes.at({group}), value_of({expected[group].ids}, moved) - value_of(text_, target_), 1e-6);
  }
  EXPECT_TRUE(std::isnan(changes.at({3}))) << "the target's own token cannot be left out";
}

TEST_P(LeaveOneOut, OfManyGroupsRunsInBatches) {
  const Sequence text = random_text(60, 4);
  std::vector<std::vector<std::int64_t>> groups;
  for (std::int64_t token = 10; token < 60; ++token) groups.push_back({token});
  const Tensor changes = leave_one_out(run_, text, target_, groups, kMask);
  Sequence changed = text;
  changed.input_ids[59] = kMask;
  EXPECT_NEAR(changes.at({49}), value_of(changed, target_) - value_of(text, target_), 1e-6);
}

TEST_P(LeaveOneOut, KeepsWhatBelongsToTheOtherTokens) {
  text_.position_ids = {9, 8, 7, 6, 5, 4, 3};
  if (GetParam() == "bert") text_.token_type_ids = {0, 0, 0, 0, 1, 1, 1};
  text_.num_unattended = 2;
  Sequence expected = text_;
  for (std::vector<std::int64_t>* numbers :
       {&expected.input_ids, &expected.token_type_ids, &expected.position_ids})
    if (!numbers->empty()) numbers->erase(numbers->begin() + 5);
  expected.num_unattended = 1;
  EXPECT_NEAR(leave_one_out(run_, text_, target_, {{5}}, std::nullopt).at({0}),
              value_of(expected, target_) - value_of(text_, target_), 1e-6);
}

TEST_P(LeaveOneOut, LeavesRowsOfEmbedsOut) {
  const Sequence ids = text_;
  text_.inputs_embeds = activations(run_, ids, {model_.parts().word_embeddings}).at(0);
  const Tensor changes = leave_one_out(run_, text_, target_, {{1}, {2, 4}}, std::nullopt);
  EXPECT_LT(max_abs_difference(changes, leave_one_out(run_, ids, target_, {{1}, {2, 4}}, std::nullopt)),
            1e-6F);
  expect_error("EMBEDS", [&] { static_cast<void>(leave_one_out(run_, text_, target_, {{1}}, kMask)); });
}

TEST_P(LeaveOneOut, RefusesTokensThatAreNotThere) {
  for (const std::int64_t token : {-1, 7})
    expect_error("GROUP", [&] { static_cast<void>(leave_one_out(run_, text_, target_, {{token}}, kMask)); });
  expect_error("TARGET", [&] {
    static_cast<void>(leave_one_out(run_, text_, {.label = 1, .tokens = {7}}, {{1}}, kMask));
  });
}

INSTANTIATE_TEST_SUITE_P(Of, LeaveOneOut, testing::Values("distilbert", "bert"));

TEST(LeaveOneOutOfWholeTexts, KeepsTheTokenThatTheHeadReads) {
  ModelRun run(load_model({.task = Task::sequence_classification}));
  const Sequence text = random_text(5, 1);
  const Target target{.of = Target::Of::probability, .label = 1};
  const Tensor changes = leave_one_out(run, text, target, {{0}, {2}}, std::nullopt);
  EXPECT_TRUE(std::isnan(changes.at({0})));
  Sequence without = text;
  without.input_ids.erase(without.input_ids.begin() + 2);
  const auto value = [&](const Sequence& of) {
    return target_value(run({of}, everything()).texts[0].logits.view(), target);
  };
  EXPECT_NEAR(changes.at({1}), value(without) - value(text), 1e-6);
}

TEST(LeaveOneOutOfAnEncoder, IsRefused) {
  ModelRun run(load_model({}));
  expect_error("NO_HEAD",
               [&] { static_cast<void>(leave_one_out(run, random_text(4, 1), {}, {{1}}, kMask)); });
}

}  // namespace
}  // namespace attnscope
