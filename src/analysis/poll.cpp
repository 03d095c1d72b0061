// SPDX-License-Identifier: Apache-2.0
#include "analysis/poll.h"

#include <omp.h>

namespace attnscope::analysis {

bool Poll::go_on() noexcept {
  if (ended_.load(std::memory_order_relaxed)) return false;
  const bool is_calling_thread = omp_get_thread_num() == 0;
  if (function_ == nullptr || !is_calling_thread || Clock::now() < next_) return true;
  try {
    function_();
    next_ = Clock::now() + std::chrono::milliseconds(20);
    return true;
  } catch (...) {
    thrown_ = std::current_exception();
    ended_.store(true, std::memory_order_relaxed);
    return false;
  }
}

}  // namespace attnscope::analysis
