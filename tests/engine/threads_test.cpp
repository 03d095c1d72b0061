// SPDX-License-Identifier: Apache-2.0
//
// One model, a run for each thread.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

constexpr std::size_t kThreads = 4;

/// Calls work(index) on threads of its own and waits for all of them.
template <class Work>
void on_threads(const Work& work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back([&work, i] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

TEST(Threads, CannotBeFewerThanNone) {
  const Model model = load_model(TinySpec{});
  expect_error("RANGE", [&] { static_cast<void>(ModelRun(model, {.threads = -4})); });
  ModelRun run(model, {.threads = 2});
  expect_error("RANGE", [&] { run.set_threads(-1); });
}

TEST(Threads, MayBeMoreOrFewerFromCallToCall) {
  const Model model = load_model({.heads = 12, .width = 192, .hidden = 384});
  const std::vector<Sequence> texts = random_texts({130});
  ModelRun run(model, {.threads = 1});
  const TextCapture expected = run(texts, everything()).texts.at(0);
  for (const int threads : {3, 0, 1, 2}) {
    run.set_threads(threads);
    EXPECT_TRUE(same_bits(run(texts, everything()).texts.at(0), expected)) << threads;
  }
}

TEST(Threads, ThatStartOnAFreshModelGetTheBitsOfARunAlone) {
  const TinySpec spec{.task = Task::token_classification, .heads = 12, .width = 192, .hidden = 384};
  const std::vector<Sequence> texts = random_texts({65, 9, 130, 31});
  std::vector<TextCapture> expected;
  for (const Sequence& text : texts)
    expected.push_back(ModelRun(load_model(spec), {.threads = 1})({text}, everything()).texts.at(0));

  const Model model = load_model(spec);  // nothing of it was used before the threads start
  std::vector<TextCapture> found(kThreads);
  on_threads([&](std::size_t i) {
    ModelRun run(model, {.threads = 2});
    for (int round = 0; round < 3; ++round) found[i] = run({texts[i]}, everything()).texts.at(0);
  });
  for (std::size_t i = 0; i < kThreads; ++i) EXPECT_TRUE(same_bits(found[i], expected[i])) << i;
}

TEST(Threads, DoNotSeeTheHooksOfEachOther) {
  const Model model = load_model(TinySpec{});
  const Sequence text = random_text(12, 1);
  const TextCapture expected = ModelRun(model)({text}, everything()).texts.at(0);
  std::vector<TextCapture> found(kThreads);
  std::vector<int> calls(kThreads, 0);
  on_threads([&](std::size_t i) {
    ModelRun run(model);
    const HookHandle handle = run.register_forward_hook("transformer.layer.*", [&, i](HookEvent& event) {
      calls[i] += 1;
      if (i == 0) event.edit_output(0).fill(0.0F);
    });
    for (int round = 0; round < 5; ++round) found[i] = run({text}, everything()).texts.at(0);
  });
  EXPECT_EQ(calls, std::vector<int>(kThreads, 15));
  EXPECT_FALSE(same_bits(found[0], expected));
  for (std::size_t i = 1; i < kThreads; ++i) EXPECT_TRUE(same_bits(found[i], expected));
}

TEST(Threads, WithSiblingsSeeTheHooksOfEachOther) {
  const Model model = load_model(TinySpec{});
  ModelRun run(model);
  int calls = 0;
  HookHandle early = run.register_forward_hook("transformer.layer.1", [&](HookEvent&) { ++calls; });
  ModelRun sibling = run.sibling();
  HookHandle late = sibling.register_forward_hook("transformer.layer.2", [&](HookEvent&) { ++calls; });
  for (ModelRun* each : {&run, &sibling}) (*each)({random_text(4, 1)});
  EXPECT_EQ(calls, 4);
  late.remove();
  run({random_text(4, 1)});
  EXPECT_EQ(calls, 5);
  { const ModelRun gone = std::move(run); }
  sibling({random_text(4, 1)});
  EXPECT_EQ(calls, 6) << "hooks live as long as one of the runs";
  EXPECT_TRUE(early.active());
}

TEST(Threads, GetTheSameBitsWhileAnotherAddsAndRemovesHooks) {
  const Model model = load_model({.task = Task::token_classification});
  const std::vector<Sequence> texts = random_texts({12, 33});
  ModelRun run(model, {.threads = 1});
  const std::vector<TextCapture> expected = run(texts, everything()).texts;
  std::atomic<std::size_t> running = 2;
  std::atomic<std::int64_t> fired = 0;
  const auto forward = [&] {
    ModelRun sibling = run.sibling();
    for (int round = 0; round < 200; ++round) {
      const std::vector<TextCapture> found = sibling(texts, everything()).texts;
      for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_TRUE(same_bits(found[i], expected[i]));
    }
    --running;
  };
  const auto change = [&] {
    const Hook look = [&](HookEvent& event) {
      ++fired;
      if (!event.path().ends_with("attn") || event.num_outputs() == 0) return;
      EXPECT_EQ(to_string(event.output(0).text(0).shape()), "[4, 12, 12]");
    };
    while (running != 0) {
      std::vector<HookHandle> handles;
      handles.push_back(run.register_forward_hook("**", look, {.prepend = true}));
      handles.push_back(run.register_forward_pre_hook("transformer.layer.*.attention.attn", look));
      handles.push_back(run.register_forward_hook("transformer.layer.1.attention.attn", look));
    }
  };
  std::thread changer(change);
  std::thread first(forward);
  std::thread second(forward);
  for (std::thread* thread : {&first, &second, &changer}) thread->join();
  EXPECT_GT(fired, 0);
}

TEST(Threads, ThatFailLeaveTheOthersRunning) {
  const Model model = load_model(TinySpec{});
  const Sequence text = random_text(12, 1);
  const TextCapture expected = ModelRun(model)({text}, everything()).texts.at(0);
  std::vector<TextCapture> found(kThreads);
  on_threads([&](std::size_t i) {
    ModelRun run(model);
    for (int round = 0; round < 5; ++round) {
      try {
        found[i] = run({i == 0 ? Sequence{{1, 99}, {}, {}} : text}, everything()).texts.at(0);
      } catch (const InvalidArgument&) {
        EXPECT_EQ(i, 0U);
      }
    }
  });
  EXPECT_TRUE(found[0].attentions.empty());
  for (std::size_t i = 1; i < kThreads; ++i) EXPECT_TRUE(same_bits(found[i], expected));
}

}  // namespace
}  // namespace attnscope
