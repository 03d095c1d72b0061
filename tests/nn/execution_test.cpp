// SPDX-License-Identifier: Apache-2.0
#include "nn/execution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nn/module.h"
#include "nn/no_captures.h"

namespace attnscope::nn {
namespace {

using testing::ElementsAre;

/// Adds one to every number, in new memory.
class AddOne : public Module {
 public:
  AddOne() : Module("parent.child", "AddOne") { set_id(1); }
  Values forward(const Values& inputs, Execution& run) const override {
    Value output = inputs[0];
    float* values = run.allocate(output);
    for (std::int64_t i = 0; i < output.count(run.batch()); ++i) values[i] = inputs[0].f32()[i] + 1.0F;
    return {output};
  }
};

/// Calls its child twice, as ALBERT calls its layers.
class CallTwice : public Module {
 public:
  CallTwice() : Module("parent", "CallTwice") {}
  Values forward(const Values& inputs, Execution& run) const override {
    return {run(child_, run(child_, inputs[0]))};
  }
  [[nodiscard]] const Module& child() const { return child_; }

 private:
  AddOne child_;
};

class ExecutionOfTwoCalls : public testing::Test {
 protected:
  ExecutionOfTwoCalls() {
    batch_.input_ids = {0, 0};
    batch_.close_text();
  }
  /// What [1, 2] becomes.
  std::vector<float> run() {
    Execution execution(batch_, plan_, captures_, state_);
    const std::vector<float> input{1.0F, 2.0F};
    const Values outputs = execution.call(parent_, {Value{Layout::tokens, input.data(), 1}});
    return {outputs[0].f32(), outputs[0].f32() + 2};
  }

  CallTwice parent_;
  Batch batch_;
  Plan plan_;
  NoCaptures captures_;
  RunState state_{{}, std::make_shared<HookTable>(2), Poll()};
  HookTable& hooks_ = *state_.hooks;
};

TEST_F(ExecutionOfTwoCalls, RunsTheModulesWithoutHooks) { EXPECT_THAT(run(), ElementsAre(3.0F, 4.0F)); }

TEST_F(ExecutionOfTwoCalls, TellsAHookWhichCallOfASharedModuleItIs) {
  std::vector<std::int64_t> calls;
  const auto note = [&](HookEvent& event) { calls.push_back(event.call()); };
  hooks_.add(HookPoint::before, {1}, note, {});
  hooks_.add(HookPoint::after, {1}, note, {});
  run();
  EXPECT_THAT(calls, ElementsAre(0, 0, 1, 1));
  calls.clear();
  run();
  EXPECT_THAT(calls, ElementsAre(0, 0, 1, 1)) << "every forward counts anew";
}

TEST_F(ExecutionOfTwoCalls, LetsAHookChangeOneCallOfTwo) {
  hooks_.add(HookPoint::after, {1},
             [](HookEvent& event) {
               if (event.call() == 0) event.edit_output(0).fill(10.0F);
             },
             {});
  EXPECT_THAT(run(), ElementsAre(11.0F, 11.0F));
}

TEST_F(ExecutionOfTwoCalls, StopsAHookThatWasRemovedBetweenTheCalls) {
  int calls = 0;
  std::uint64_t id = 0;
  id = hooks_.add(HookPoint::after, {1},
                  [&](HookEvent&) {
                    ++calls;
                    hooks_.remove(id);
                  },
                  {});
  run();
  EXPECT_EQ(calls, 1);
}

TEST_F(ExecutionOfTwoCalls, WatchesAModuleOnlyWhileItHasHooks) {
  const Execution execution(batch_, plan_, captures_, state_);
  EXPECT_FALSE(execution.observed(parent_.child()));
  const std::uint64_t id = hooks_.add(HookPoint::before, {1}, [](HookEvent&) {}, {});
  EXPECT_TRUE(execution.observed(parent_.child()));
  EXPECT_FALSE(execution.observed(parent_));
  hooks_.remove(id);
  EXPECT_FALSE(execution.observed(parent_.child()));
}

}  // namespace
}  // namespace attnscope::nn
