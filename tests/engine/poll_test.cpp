// SPDX-License-Identifier: Apache-2.0
//
// RunOptions::poll: where it is called, and what happens to a run that it ends.

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "engine/captures.h"
#include "engine/make_batch.h"
#include "nn/execution.h"
#include "nn/threads.h"
#include "support/indexed_network.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using std::chrono_literals::operator""ms;

/// A run that polls wherever it can, however little time has gone.
class EagerRun {
 public:
  EagerRun(const TinySpec& spec, int threads, std::function<void()> poll)
      : indexed_(spec),
        threads_(threads),
        state_{{}, std::make_shared<nn::HookTable>(indexed_.index.size()), Poll(std::move(poll), 0ms)} {}

  Captures operator()(const std::vector<Sequence>& texts, const Request& request) {
    const nn::ThreadCount threads(threads_);
    const Network& network = indexed_.network;
    const nn::Batch batch = make_batch(texts, network);
    const CheckedRequest checked = check_request(request, network.num_layers, network.num_heads);
    const nn::Plan plan = make_plan(checked, network, indexed_.index, *state_.hooks);
    const TokenGroups no_groups;
    CaptureWriter captures(checked, batch, plan, no_groups, network, pool_, state_.poll);
    state_.workspace.next();
    state_.attention_work.reset();
    nn::Execution execution(batch, plan, captures, state_);
    static_cast<void>(execution.call(*network.root, {{nn::Layout::ids, batch.input_ids.data()}}));
    return captures.take();
  }

 private:
  IndexedNetwork indexed_;
  int threads_;
  nn::RunState state_;
  MemoryPool pool_;
};

struct Stop {};  // as what Ctrl-C throws, no std::exception

class PollOfARun : public testing::TestWithParam<const char*> {
 protected:
  const std::vector<Sequence> texts_ = random_texts({130, 3});
  TinySpec spec_{.model_type = GetParam(), .task = Task::masked_lm, .layers = 2};
};

TEST_P(PollOfARun, MayEndItAnywhereAndTheRunCanBeUsedAgain) {
  std::int64_t calls = 0;
  std::int64_t last = -1;
  EagerRun run(spec_, 1, [&] {
    if (calls++ == last) throw Stop();
  });
  const std::vector<TextCapture> expected = run(texts_, everything()).texts;
  const std::int64_t all = calls;
  EXPECT_GT(all, 80);
  for (std::int64_t k = 0; k < all; ++k) {
    last = k;
    calls = 0;
    EXPECT_THROW(run(texts_, everything()), Stop) << k;
    EXPECT_EQ(calls, k + 1);
    last = -1;
    const std::vector<TextCapture> found = run(texts_, everything()).texts;
    for (std::size_t i = 0; i < texts_.size(); ++i) ASSERT_TRUE(same_bits(found[i], expected[i])) << k;
  }
}

// How often such a run polls depends on the share of the work that its own thread gets.
TEST_P(PollOfARun, MayEndItWhileOtherThreadsWork) {
  std::int64_t left = -1;
  EagerRun run(spec_, 2, [&] {
    if (left-- == 0) throw Stop();
  });
  const std::vector<TextCapture> expected = run(texts_, everything()).texts;
  int ended = 0;
  for (std::int64_t k = 0; k < 150; k += 5) {
    left = k;
    try {
      const std::vector<TextCapture> found = run(texts_, everything()).texts;
      for (std::size_t i = 0; i < texts_.size(); ++i) ASSERT_TRUE(same_bits(found[i], expected[i])) << k;
    } catch (const Stop&) {
      ++ended;
    }
  }
  EXPECT_GT(ended, 10);
}

INSTANTIATE_TEST_SUITE_P(Models, PollOfARun, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST(Poll, OfRunOptionsIsCalledOnTheThreadOfTheRunAgainAndAgain) {
  const auto runner = std::this_thread::get_id();
  int calls = 0;
  ModelRun run(load_model(TinySpec{}), {.threads = 2, .poll = [&] {
                                          EXPECT_EQ(std::this_thread::get_id(), runner);
                                          ++calls;
                                        }});
  while (calls < 5) run({random_text(130, 1)}, everything());
}

TEST(Poll, ReachesTheCallerWithWhateverItThrows) {
  const Model model = load_model(TinySpec{});
  const TextCapture expected = ModelRun(model)({random_text(64, 1)}, everything()).texts.at(0);
  std::function<void()> action;
  ModelRun run(model, {.poll = [&] {
                 if (action) action();
               }});
  const auto run_until_thrown = [&] {
    while (true) run({random_text(64, 1)}, everything());
  };
  action = [] { throw std::runtime_error("stop"); };
  EXPECT_THROW(run_until_thrown(), std::runtime_error);
  action = [] { throw 42; };
  EXPECT_THROW(run_until_thrown(), int);
  action = nullptr;
  EXPECT_TRUE(same_bits(run({random_text(64, 1)}, everything()).texts.at(0), expected));
}

TEST(Poll, IsThatOfTheSiblingsToo) {
  int calls = 0;
  const ModelRun run(load_model(TinySpec{}), {.poll = [&] { ++calls; }});
  run.sibling()({random_text(4, 1)});
  EXPECT_GT(calls, 0);
}

}  // namespace
}  // namespace attnscope
