// SPDX-License-Identifier: Apache-2.0
#include "serve/jobs.h"

#include <gmock/gmock.h>

#include <future>
#include <vector>

#include "attnscope/error.h"

namespace attnscope::serve {
namespace {

std::shared_ptr<Exchange> exchange() {
  return std::make_shared<Exchange>([] {});
}

/// An exchange, and the end of its answer.
struct Answer {
  std::promise<void> ended;
  std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>([this] { ended.set_value(); });
  Exchange::News wait() {
    ended.get_future().get();
    return exchange->take();
  }
};

/// Keeps the thread of the jobs busy until it is released.
struct Blocker {
  std::promise<void> running;
  std::promise<void> released;
  std::shared_ptr<Exchange> client = exchange();
  void start(Jobs& jobs) {
    jobs.add(client, [this](Exchange&) {
      running.set_value();
      released.get_future().get();
    });
    running.get_future().get();
  }
};

TEST(Jobs, AreDoneInOrder) {
  std::vector<int> done;
  Answer last;
  {
    Jobs jobs(8);
    for (int i = 0; i < 5; ++i) jobs.add(exchange(), [&done, i](Exchange&) { done.push_back(i); });
    jobs.add(last.exchange, [](Exchange& to) { to.send({}); });
    last.wait();
  }
  EXPECT_EQ(done, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(Jobs, OverTheLimitAreRefusedForNow) {
  Blocker blocker;
  Jobs jobs(2);
  blocker.start(jobs);
  jobs.add(exchange(), [](Exchange&) {});
  jobs.add(exchange(), [](Exchange&) {});
  try {
    jobs.add(exchange(), [](Exchange&) {});
    ADD_FAILURE() << "a third was taken";
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.fields, (Fields{{"Retry-After", "1"}}));
  }
  blocker.released.set_value();
}

TEST(Jobs, WhoseClientHasLeftMakeRoomAndAreNotDone) {
  Blocker blocker;
  bool was_done = false;
  Answer last;
  Jobs jobs(1);
  blocker.start(jobs);
  const auto gone = exchange();
  jobs.add(gone, [&was_done](Exchange&) { was_done = true; });
  gone->leave();
  jobs.add(last.exchange, [](Exchange& to) { to.send({}); });
  blocker.released.set_value();
  last.wait();
  EXPECT_FALSE(was_done);
}

TEST(Jobs, AnswerWithWhatTheyThrow) {
  Answer answer;
  Jobs jobs(8);
  jobs.add(answer.exchange, [](Exchange&) { throw std::bad_alloc(); });
  const Exchange::News news = answer.wait();
  ASSERT_TRUE(news.response.has_value());
  EXPECT_EQ(news.response->status, 503);
  EXPECT_TRUE(news.ended);
}

TEST(Jobs, AreLeftWhenTheirThreadEnds) {
  std::promise<void> running;
  bool was_left = false;
  {
    Jobs jobs(8);
    jobs.add(exchange(), [&](Exchange&) {
      running.set_value();
      try {
        while (true) jobs.check();
      } catch (const Left&) {
        was_left = true;
        throw;
      }
    });
    running.get_future().get();
  }
  EXPECT_TRUE(was_left);
}

TEST(Exchange, SaysInAStreamThatItFailed) {
  const auto to = exchange();
  to->send({.streams = true});
  to->fail({503, {}});
  const Exchange::News news = to->take();
  EXPECT_EQ(news.response->status, 200);
  EXPECT_THAT(news.pieces, testing::StartsWith("{\"error\":"));
  EXPECT_THAT(news.pieces, testing::EndsWith("\n"));
  EXPECT_TRUE(news.ended);
}

}  // namespace
}  // namespace attnscope::serve
