// SPDX-License-Identifier: Apache-2.0
//
// When hooks fire, and when they stop.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kAttn = "transformer.layer.1.attention.attn";

class HookOrder : public testing::Test {
 protected:
  [[nodiscard]] Hook note(std::string name) {
    return [this, name = std::move(name)](HookEvent&) { log_.push_back(name); };
  }
  /// One forward; returns what was noted in it.
  std::vector<std::string> forward() {
    log_.clear();
    run_({random_text(5, 1)});
    return log_;
  }

  Model model_ = load_model(TinySpec{});
  ModelRun run_{model_, {.threads = 1}};
  std::vector<std::string> log_;
  std::vector<HookHandle> handles_;
};

TEST_F(HookOrder, IsThatOfRegistrationWithPreHooksFirst) {
  handles_.push_back(run_.register_forward_hook(kAttn, note("after 1")));
  handles_.push_back(run_.register_forward_pre_hook(kAttn, note("before 1")));
  handles_.push_back(run_.register_forward_hook(kAttn, note("after 2")));
  handles_.push_back(run_.register_forward_pre_hook(kAttn, note("before 2")));
  EXPECT_THAT(forward(), ElementsAre("before 1", "before 2", "after 1", "after 2"));
}

TEST_F(HookOrder, PutsPrependedHooksFirst) {
  const HookOptions prepend{.prepend = true};
  handles_.push_back(run_.register_forward_hook(kAttn, note("1")));
  handles_.push_back(run_.register_forward_hook(kAttn, note("2"), prepend));
  handles_.push_back(run_.register_forward_hook(kAttn, note("3"), prepend));
  EXPECT_THAT(forward(), ElementsAre("3", "2", "1"));
}

TEST_F(HookOrder, OfNestedModulesIsFromTheOuterToTheInnerAndBack) {
  for (const char* path :
       {"", "transformer", "transformer.layer.1", "transformer.layer.1.attention", kAttn}) {
    handles_.push_back(run_.register_forward_pre_hook(path, note("before " + std::string(path))));
    handles_.push_back(run_.register_forward_hook(path, note("after " + std::string(path))));
  }
  EXPECT_THAT(forward(), ElementsAre("before ", "before transformer", "before transformer.layer.1",
                                     "before transformer.layer.1.attention", std::string("before ") + kAttn,
                                     std::string("after ") + kAttn, "after transformer.layer.1.attention",
                                     "after transformer.layer.1", "after transformer", "after "));
}

TEST_F(HookOrder, RunsTheSameHookTwiceWhenItIsRegisteredTwice) {
  const Hook hook = note("hook");
  handles_.push_back(run_.register_forward_hook(kAttn, hook));
  handles_.push_back(run_.register_forward_hook(kAttn, hook));
  EXPECT_THAT(forward(), ElementsAre("hook", "hook"));
}

TEST_F(HookOrder, OfAPatternIsThatOfTheModules) {
  const HookHandle handle = run_.register_forward_hook(
      "transformer.layer.*.attention.attn", [&](HookEvent& event) { log_.push_back(event.path()); });
  EXPECT_THAT(forward(),
              ElementsAre("transformer.layer.0.attention.attn", kAttn, "transformer.layer.2.attention.attn"));
}

TEST_F(HookOrder, TakesTheModuleItselfForItsPath) {
  handles_.push_back(run_.register_forward_pre_hook(model_.module(kAttn), note("before")));
  handles_.push_back(run_.register_forward_hook(model_.module(""), note("after all")));
  EXPECT_THAT(forward(), ElementsAre("before", "after all"));
}

TEST_F(HookOrder, TellsWhichCallOfAModuleItIs) {
  std::vector<std::int64_t> calls;
  handles_.push_back(
      run_.register_forward_hook("**", [&](HookEvent& event) { calls.push_back(event.call()); }));
  forward();
  forward();
  EXPECT_GT(calls.size(), 20U);
  EXPECT_THAT(calls, Each(0)) << "no module of DistilBERT is called twice in a forward";
}

TEST_F(HookOrder, FiresAForwardHookThatAPreHookOfTheSameCallAdded) {
  handles_.push_back(run_.register_forward_pre_hook(
      kAttn, [&](HookEvent&) { handles_.push_back(run_.register_forward_hook(kAttn, note("added"))); }));
  EXPECT_THAT(forward(), ElementsAre("added"));
}

TEST_F(HookOrder, HoldsAHookThatAForwardHookAddedUntilTheNextForward) {
  bool added = false;
  handles_.push_back(run_.register_forward_hook(kAttn, [&](HookEvent&) {
    log_.push_back("first");
    if (!added) handles_.push_back(run_.register_forward_hook(kAttn, note("added")));
    added = true;
  }));
  EXPECT_THAT(forward(), ElementsAre("first"));
  EXPECT_THAT(forward(), ElementsAre("first", "added"));
}

TEST_F(HookOrder, HoldsAPreHookThatAPreHookAddedUntilTheNextForward) {
  bool added = false;
  handles_.push_back(run_.register_forward_pre_hook(kAttn, [&](HookEvent&) {
    if (!added) handles_.push_back(run_.register_forward_pre_hook(kAttn, note("added")));
    added = true;
  }));
  EXPECT_THAT(forward(), IsEmpty());
  EXPECT_THAT(forward(), ElementsAre("added"));
}

// The only hook of the module goes and comes back while the module runs.
TEST_F(HookOrder, LetsAHookThatCameWhileItsModuleRanSeeTheWeights) {
  HookHandle first;
  first =
      run_.register_forward_pre_hook("transformer.layer.1.attention", [&](HookEvent&) { first.remove(); });
  HookHandle second;
  handles_.push_back(run_.register_forward_hook("transformer.layer.1.attention.out_lin", [&](HookEvent&) {
    second = run_.register_forward_hook("transformer.layer.1.attention", [&](HookEvent& event) {
      log_.push_back(to_string(event.output(1).view().shape()));
    });
  }));
  EXPECT_THAT(forward(), ElementsAre("[1, 4, 5, 5]"));
}

TEST_F(HookOrder, IsFixedWhenAListStartsToFire) {
  HookHandle second;
  handles_.push_back(run_.register_forward_hook(kAttn, [&](HookEvent&) {
    log_.push_back("first");
    second.remove();
  }));
  second = run_.register_forward_hook(kAttn, note("second"));
  EXPECT_THAT(forward(), ElementsAre("first", "second"));
  EXPECT_THAT(forward(), ElementsAre("first"));
}

TEST_F(HookOrder, LetsAHookRemoveItself) {
  HookHandle self;
  self = run_.register_forward_hook(kAttn, [&, name = std::string(100, 'x')](HookEvent&) {
    self.remove();
    log_.push_back(name);  // what the hook captured is still there
  });
  EXPECT_THAT(forward(), ElementsAre(std::string(100, 'x')));
  EXPECT_THAT(forward(), IsEmpty());
}

TEST_F(HookOrder, ForgetsAHookWhoseHandleWasDestroyed) {
  {
    const HookHandle handle = run_.register_forward_hook(kAttn, note("gone"));
    EXPECT_TRUE(handle.active());
    EXPECT_THAT(forward(), SizeIs(1));
  }
  EXPECT_THAT(forward(), IsEmpty());
}

TEST_F(HookOrder, RemovesAHookOfAPatternFromAllOfItsModules) {
  HookHandle handle = run_.register_forward_hook("**", note("any"));
  EXPECT_THAT(forward(), Not(IsEmpty()));
  handle.remove();
  EXPECT_FALSE(handle.active());
  EXPECT_THAT(forward(), IsEmpty());
}

TEST_F(HookOrder, LeavesOtherHooksWhenOneIsRemovedTwice) {
  HookHandle first = run_.register_forward_hook(kAttn, note("first"));
  const HookHandle second = run_.register_forward_hook(kAttn, note("second"));
  first.remove();
  first.remove();
  EXPECT_FALSE(first.active());
  EXPECT_TRUE(second.active());
  EXPECT_THAT(forward(), ElementsAre("second"));
}

TEST_F(HookOrder, KeepsAHookWhoseHandleWasDetached) {
  HookHandle handle = run_.register_forward_hook(kAttn, note("kept"));
  handle.detach();
  EXPECT_FALSE(handle.active());
  handle.remove();
  EXPECT_THAT(forward(), ElementsAre("kept"));
}

TEST_F(HookOrder, FollowsAHandleThatIsMoved) {
  HookHandle first = run_.register_forward_hook(kAttn, note("moved"));
  HookHandle second(std::move(first));
  EXPECT_TRUE(second.active());
  EXPECT_THAT(forward(), ElementsAre("moved"));
  second = run_.register_forward_hook(kAttn, note("new"));
  EXPECT_THAT(forward(), ElementsAre("new")) << "assigning removes the old hook";
  second = HookHandle();
  EXPECT_THAT(forward(), IsEmpty());
}

TEST_F(HookOrder, OutlivesNeitherRunNorHandle) {
  HookHandle handle;
  EXPECT_FALSE(handle.active());
  {
    ModelRun run(model_);
    handle = run.register_forward_hook(kAttn, note("gone"));
    EXPECT_TRUE(handle.active());
  }
  EXPECT_FALSE(handle.active());
  EXPECT_NO_THROW(handle.remove());
}

TEST_F(HookOrder, FollowsARunThatIsMoved) {
  const HookHandle handle = run_.register_forward_hook(kAttn, note("hook"));
  ModelRun moved(std::move(run_));
  moved({random_text(4, 1)});
  EXPECT_THAT(log_, ElementsAre("hook"));
  EXPECT_TRUE(handle.active());
}

TEST_F(HookOrder, BelongsToOneRunAndNotToTheModel) {
  const HookHandle handle = run_.register_forward_hook(kAttn, note("hook"));
  ModelRun other(model_);
  other({random_text(4, 1)});
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(HookOrder, ReachesAsFarAsItsModuleWhenTheRequestEndsBefore) {
  const HookHandle handle = run_.register_forward_hook("transformer.layer.2.ffn.lin1", note("late"));
  Request request = Request::attentions();
  request.layers = {{0}};
  run_({random_text(4, 1)}, request);
  EXPECT_THAT(log_, ElementsAre("late"));
}

TEST_F(HookOrder, ReachesAHeadModuleThatIsNamedBeforeTheEncoder) {
  ModelRun run(load_model({.task = Task::masked_lm}));
  const HookHandle handle = run.register_forward_hook("activation", note("head"));
  Request request = Request::attentions();
  request.layers = {{0}};
  run({random_text(4, 1)}, request);
  EXPECT_THAT(log_, ElementsAre("head"));
}

TEST_F(HookOrder, NeverFiresOnAListOfLayers) {
  handles_.push_back(run_.register_forward_hook("transformer.layer", note("list")));
  EXPECT_THAT(forward(), IsEmpty());
}

TEST_F(HookOrder, RefusesWrongPathsWhenAHookIsRegistered) {
  const ErrorInfo info = expect_error(
      "HOOK_PATH", [&] { run_.register_forward_hook("encoder.layer.3.attention.attn", note("")).detach(); });
  EXPECT_EQ(info.kind, ErrorKind::usage);
  EXPECT_THAT(to_string(info), HasSubstr("attnscope inspect"));
  expect_error("HOOK_DROPOUT",
               [&] { run_.register_forward_pre_hook("embeddings.dropout", note("")).detach(); });
}

}  // namespace
}  // namespace attnscope
