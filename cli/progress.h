// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace attnscope::cli {

/// A line on stderr with rate and time left, only on a terminal and only when the work takes longer than
/// 300 ms. Gone when the object is.
class Progress {
 public:
  explicit Progress(bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::int64_t done, std::optional<double> fraction);

 private:
  using Clock = std::chrono::steady_clock;
  bool shown_ = false;
  bool wanted_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace attnscope::cli
