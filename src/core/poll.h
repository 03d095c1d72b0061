// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <utility>

namespace attnscope {

/// Calls a function of the user's every 20 ms or so, on the thread that does the work or began it.
class Poll {
 public:
  static constexpr std::chrono::milliseconds kInterval{20};

  Poll() = default;
  explicit Poll(std::function<void()> function, std::chrono::milliseconds interval = kInterval)
      : function_(std::move(function)), interval_(interval) {}

  /// To be called often: looks at the clock, and calls the function if it is time. Throws what that throws.
  void check() {
    if (function_ != nullptr && Clock::now() >= next_) call();
  }

 private:
  using Clock = std::chrono::steady_clock;
  void call();

  std::function<void()> function_;
  std::chrono::milliseconds interval_ = kInterval;
  Clock::time_point next_;
};

/// A Poll inside of a parallel region, which no exception may leave: what is thrown ends the work of all
/// threads and is thrown again behind the region.
class ParallelPoll {
 public:
  explicit ParallelPoll(Poll& poll) : poll_(poll) {}

  /// Whether the calling thread of the region is to do its next piece of work.
  [[nodiscard]] bool go_on() noexcept;
  /// To be called behind the region.
  void rethrow() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
  }

 private:
  Poll& poll_;
  std::atomic<bool> ended_ = false;
  std::exception_ptr thrown_;
};

}  // namespace attnscope
