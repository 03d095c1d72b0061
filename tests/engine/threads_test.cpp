// SPDX-License-Identifier: Apache-2.0
//
// One model, a run for each thread.

#include <gtest/gtest.h>

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
