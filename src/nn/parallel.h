// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/poll.h"
#include "nn/execution.h"

namespace attnscope::nn {

/// Calls work(first, last) for ranges that cover [0, rows), on the threads of the process's pool, and polls
/// in between. Small work stays on the calling thread: waking another one costs more than a few thousand
/// floats.
template <class Work>
void parallel_rows(Poll& poll, std::int64_t rows, std::int64_t width, const Work& work) {
  constexpr std::int64_t kFloatsPerRange = 16 * 1024;
  constexpr std::int64_t kRangesPerPoll = 1024;  // 64 MiB
  const std::int64_t step = std::max<std::int64_t>(1, kFloatsPerRange / std::max<std::int64_t>(1, width));
  const std::int64_t ranges = (rows + step - 1) / step;
  for (std::int64_t begin = 0; begin < ranges; begin += kRangesPerPoll) {
    poll.check();
    const std::int64_t end = std::min(ranges, begin + kRangesPerPoll);
#pragma omp parallel for schedule(static) if (end - begin > 1)
    for (std::int64_t range = begin; range < end; ++range)
      work(range * step, std::min(rows, (range + 1) * step));
  }
}

template <class Work>
void parallel_rows(Execution& run, std::int64_t rows, std::int64_t width, const Work& work) {
  parallel_rows(run.poll(), rows, width, work);
}

}  // namespace attnscope::nn
