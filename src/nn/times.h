// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>

namespace attnscope::nn {

/// What a run spends its time on.
enum class Part { embeddings, products, activations, attention, norms, other, outside };
constexpr std::size_t kParts = 7;

/// Time by part, of the thread that runs the model. Off: a test of a flag for each piece of work.
class Times {
 public:
  void enable() { enabled_ = true; }
  [[nodiscard]] double ms(Part part) const { return ms_[static_cast<std::size_t>(part)]; }

 private:
  friend class Timed;
  using Clock = std::chrono::steady_clock;

  // Charges the time since the last change to the current part; returns that part.
  Part change_to(Part part) {
    const Clock::time_point now = Clock::now();
    ms_[static_cast<std::size_t>(current_)] +=
        std::chrono::duration<double, std::milli>(now - since_).count();
    since_ = now;
    const Part before = current_;
    current_ = part;
    return before;
  }

  bool enabled_ = false;
  Part current_ = Part::outside;
  Clock::time_point since_ = Clock::now();
  std::array<double, kParts> ms_{};
};

/// Charges time to a part for as long as it lives; what stands inside it is charged to its own part.
class Timed {
 public:
  Timed(Times& times, Part part) : times_(times) {
    if (times_.enabled_) before_ = times_.change_to(part);
  }
  ~Timed() {
    if (times_.enabled_) static_cast<void>(times_.change_to(before_));
  }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  Times& times_;
  Part before_ = Part::outside;
};

}  // namespace attnscope::nn
