// SPDX-License-Identifier: Apache-2.0
//
// Runs with hooks of their own, and what hooks see of each other's changes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

constexpr const char* kAttn = "transformer.layer.1.attention.attn";

TEST(Fork, StartsWithTheHooksOfTheRunAndGoesItsOwnWay) {
  ModelRun run(load_model(TinySpec{}));
  std::string log;
  const auto note = [&log](const char* name) { return [&log, name](HookEvent&) { log += name; }; };
  HookHandle first = run.register_forward_hook(kAttn, note("a"));
  ModelRun fork = run.fork();
  const HookHandle of_run = run.register_forward_hook(kAttn, note("b"));
  const HookHandle of_fork = fork.register_forward_hook(kAttn, note("c"));
  run({random_text(3, 1)});
  EXPECT_EQ(log, "ab");
  log.clear();
  first.remove();
  fork({random_text(3, 1)});
  EXPECT_EQ(log, "ac");
  log.clear();
  run({random_text(3, 1)});
  EXPECT_EQ(log, "b");
}

TEST(Fork, HasTheModelAndOptionsOfTheRun) {
  ModelRun run(load_model(TinySpec{}), {.threads = 2});
  EXPECT_EQ(run.fork().options().threads, 2);
  EXPECT_EQ(&run.fork().model().info(), &run.model().info());
}

TEST(ChangedValues, StandBesideWhatWasThereBefore) {
  ModelRun run(load_model(TinySpec{}));
  Tensor context;
  const HookHandle look =
      run.register_forward_hook(kAttn, [&](HookEvent& event) { context = event.output(1).own(); });
  const HookHandle change =
      run.register_forward_hook(kAttn, [](HookEvent& event) { event.edit_output(1, 0).fill(0.5F); });
  const HookHandle again =
      run.register_forward_hook(kAttn, [](HookEvent& event) { event.edit_output(1, 0).f32()[0] = 2.0F; });
  int seen = 0;
  const HookHandle last = run.register_forward_hook(kAttn, [&](HookEvent& event) {
    EXPECT_TRUE(same_bits(event.computed_output(1).view(), context.view()));
    EXPECT_EQ(event.output(1).text(0).f32()[0], 2.0F);
    EXPECT_EQ(event.computed_output(0).text(0).data(), event.output(0).text(0).data());
    ++seen;
  });
  run({random_text(3, 1)});
  EXPECT_EQ(seen, 1);
}

TEST(ChangedValues, OfInputsAreSeenBeforeAndAfterTheModule) {
  ModelRun run(load_model(TinySpec{}));
  const HookHandle change =
      run.register_forward_pre_hook(kAttn, [](HookEvent& event) { event.edit_input(2, 0).fill(0.5F); });
  int seen = 0;
  const auto look = [&](HookEvent& event) {
    EXPECT_EQ(event.input(2).text(0).f32()[3], 0.5F);
    EXPECT_NE(event.given_input(2).text(0).f32()[3], 0.5F);
    EXPECT_EQ(event.given_input(0).text(0).data(), event.input(0).text(0).data());
    ++seen;
  };
  const HookHandle before = run.register_forward_pre_hook(kAttn, look);
  const HookHandle after = run.register_forward_hook(kAttn, look);
  run({random_text(3, 1)});
  EXPECT_EQ(seen, 2);
}

// The context that follows from replaced weights is computed, not changed.
TEST(ChangedValues, AreNotThoseThatFollowFromChanges) {
  ModelRun run(load_model(TinySpec{}));
  const HookHandle context =
      run.register_forward_hook(kAttn, [](HookEvent& event) { event.edit_output(1, 0).fill(0.5F); });
  const HookHandle weights =
      run.register_forward_hook(kAttn, [](HookEvent& event) { event.edit_output(0, 0).fill(0.25F); });
  int seen = 0;
  const HookHandle last = run.register_forward_hook(kAttn, [&](HookEvent& event) {
    EXPECT_NE(event.computed_output(0).text(0).f32()[0], 0.25F);
    EXPECT_EQ(event.computed_output(1).text(0).data(), event.output(1).text(0).data());
    EXPECT_NE(event.output(1).text(0).f32()[0], 0.5F);
    ++seen;
  });
  run({random_text(3, 1)});
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace attnscope
