// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "core/poll.h"

namespace attnscope::analysis {

/// Calls `work` for each row on the threads of the pool, and `poll` meanwhile; what that throws ends the
/// work.
template <class Work>
void for_each_row(std::int64_t count, const std::function<void()>& poll_function, const Work& work) {
  Poll poll(poll_function);
  poll.check();  // the calling thread may get no row at all
  ParallelPoll parallel_poll(poll);
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < count; ++row)
    if (parallel_poll.go_on()) work(row);
  parallel_poll.rethrow();
}

}  // namespace attnscope::analysis
