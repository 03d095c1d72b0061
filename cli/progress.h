// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace attnscope::cli {

/// A line on stderr with rate and time left or the step that is being done, only on a terminal and only when
/// the work takes longer than 300 ms. Gone when the object is.
class Progress {
 public:
  explicit Progress(bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::int64_t done, std::optional<double> fraction);
  /// Another line in place of rate and time left.
  void say(std::string_view line);

 private:
  [[nodiscard]] bool is_time() const;
  void show(std::string_view line);

  using Clock = std::chrono::steady_clock;
  bool shown_ = false;
  bool wanted_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace attnscope::cli
