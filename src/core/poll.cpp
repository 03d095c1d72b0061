// SPDX-License-Identifier: Apache-2.0
#include "core/poll.h"

#include <omp.h>

namespace attnscope {

void Poll::call() {
  function_();
  next_ = Clock::now() + interval_;  // not before the call: a slow function must not take all of the time
}

bool ParallelPoll::go_on() noexcept {
  if (ended_.load(std::memory_order_relaxed)) return false;
  const bool entered_the_region = omp_get_thread_num() == 0;
  if (!entered_the_region) return true;
  try {
    poll_.check();
    return true;
  } catch (...) {
    thrown_ = std::current_exception();
    ended_.store(true, std::memory_order_relaxed);
    return false;
  }
}

}  // namespace attnscope
