// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "serve/exchange.h"

namespace attnscope::serve {

/// One thread that does one job after another. What a job throws becomes the answer of its exchange; jobs
/// whose client has left are passed over.
class Jobs {
 public:
  using Work = std::function<void(Exchange&)>;

  explicit Jobs(std::size_t most_waiting);
  ~Jobs();  ///< what runs is left, what waits is dropped
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// Throws:  Refused (503, with Retry-After) if as many jobs wait as may.
  void add(std::shared_ptr<Exchange> exchange, Work work);
  /// Throws Left if the client of the running job has left: to be called on the thread of the jobs.
  void check() const;

 private:
  struct Job {
    std::shared_ptr<Exchange> exchange;
    Work work;
  };
  void run();
  void do_job(const Job& job);

  std::size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::shared_ptr<Exchange> running_;  // written under the mutex by the thread of the jobs
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace attnscope::serve
