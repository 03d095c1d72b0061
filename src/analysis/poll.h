// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>

namespace attnscope::analysis {

/// Calls a function of the user's every 20 ms or so on the thread that made this, also from inside of a
/// parallel region, which no exception may leave: what is thrown ends the work of all threads.
class Poll {
 public:
  explicit Poll(const std::function<void()>& function) : function_(function) {}

  /// Whether the calling thread is to do its next piece of work.
  [[nodiscard]] bool go_on() noexcept;
  /// Throws what the function threw. To be called outside of the region.
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  using Clock = std::chrono::steady_clock;

  const std::function<void()>& function_;
  Clock::time_point next_;
  std::atomic<bool> ended_ = false;
  std::exception_ptr thrown_;
};

}  // namespace attnscope::analysis
