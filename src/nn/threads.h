// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace attnscope::nn {

/// Sets the number of threads that the calling thread's parallel loops use, until it goes out of scope.
/// 0 leaves OpenMP's choice (OMP_NUM_THREADS, else every core).
class ThreadCount {
 public:
  explicit ThreadCount(int threads);
  ~ThreadCount();
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

}  // namespace attnscope::nn
