// SPDX-License-Identifier: Apache-2.0
#include "nn/poll.h"

#include <omp.h>

namespace attnscope::nn {

void Poll::call() {
  function_();
  next_ = Clock::now() + interval_;  // not before the call: a slow function must not take all of the time
}

bool ParallelPoll::go_on() noexcept {
  if (ended_.load(std::memory_order_relaxed)) return false;
  const bool runs_the_model = omp_get_thread_num() == 0;
  if (!runs_the_model) return true;
  try {
    poll_.check();
    return true;
  } catch (...) {
    thrown_ = std::current_exception();
    ended_.store(true, std::memory_order_relaxed);
    return false;
  }
}

}  // namespace attnscope::nn
