// SPDX-License-Identifier: Apache-2.0
#include "nn/threads.h"

#include <omp.h>

namespace attnscope::nn {

ThreadCount::ThreadCount(int threads) : before_(omp_get_max_threads()) {
  if (threads > 0) omp_set_num_threads(threads);
}

ThreadCount::~ThreadCount() { omp_set_num_threads(before_); }

}  // namespace attnscope::nn
