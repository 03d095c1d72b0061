// SPDX-License-Identifier: Apache-2.0
#include "core/poll.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace attnscope {
namespace {

using std::chrono_literals::operator""ms;
constexpr std::chrono::hours kNever{1000};

TEST(Poll, WithoutAFunctionDoesNothing) { Poll().check(); }

TEST(Poll, CallsItsFunctionAtOnceAndThenNotBeforeItIsTime) {
  int calls = 0;
  Poll seldom([&] { ++calls; }, kNever);
  for (int i = 0; i < 1000; ++i) seldom.check();
  EXPECT_EQ(calls, 1);
  Poll always([&] { ++calls; }, 0ms);
  for (int i = 0; i < 1000; ++i) always.check();
  EXPECT_EQ(calls, 1001);
}

TEST(Poll, CallsItsFunctionAgainAfterItThrew) {
  int calls = 0;
  Poll poll([&] { throw ++calls; }, kNever);
  EXPECT_THROW(poll.check(), int);
  EXPECT_THROW(poll.check(), int);
  EXPECT_EQ(calls, 2);
}

/// Counts the items that a parallel region of three threads does.
int do_items(ParallelPoll& poll, int items) {
  int done = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(3) reduction(+ : done)
  for (int i = 0; i < items; ++i)
    if (poll.go_on()) done += 1;
  return done;
}

TEST(ParallelPoll, CallsTheFunctionOnTheThreadThatEntersTheRegion) {
  const auto runner = std::this_thread::get_id();
  std::vector<std::thread::id> callers;
  Poll poll([&] { callers.push_back(std::this_thread::get_id()); }, 0ms);
  ParallelPoll parallel(poll);
  EXPECT_EQ(do_items(parallel, 1000), 1000);
  parallel.rethrow();
  EXPECT_EQ(callers, std::vector<std::thread::id>(callers.size(), runner));
}

TEST(ParallelPoll, CarriesWhatIsThrownOutOfTheRegionAndEndsItsWork) {
  Poll poll([] { throw 42; }, 0ms);
  ParallelPoll parallel(poll);
#pragma omp parallel num_threads(3)
  static_cast<void>(parallel.go_on());
  EXPECT_EQ(do_items(parallel, 1000), 0);
  try {
    parallel.rethrow();
    ADD_FAILURE() << "nothing was thrown";
  } catch (int number) {
    EXPECT_EQ(number, 42);
  }
}

}  // namespace
}  // namespace attnscope
