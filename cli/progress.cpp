// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace attnscope::cli {
namespace {

using namespace std::chrono_literals;
constexpr auto kFirst = 300ms;
constexpr auto kBetween = 100ms;

std::string time_left(double seconds, double fraction) {
  if (!(fraction > 0.0)) return "";
  const auto left = std::lround(seconds * (1.0 - fraction) / fraction);
  return fmt::format("  {:.0f} %  {}:{:02} left", 100.0 * fraction, left / 60, left % 60);
}

}  // namespace

Progress::Progress(bool wanted) : wanted_(wanted && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::int64_t done, std::optional<double> fraction) {
  if (!is_time()) return;
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  show(fmt::format("{} texts  {:.1f} texts/s{}", done, static_cast<double>(done) / seconds,
                   time_left(seconds, fraction.value_or(0.0))));
}

void Progress::say(std::string_view line) {
  if (is_time()) show(line);
}

bool Progress::is_time() const {
  const auto now = Clock::now();
  return wanted_ && now - start_ >= kFirst && (!shown_ || now - last_ >= kBetween);
}

void Progress::show(std::string_view line) {
  std::fputs(fmt::format("\r\x1b[K{}", line).c_str(), stderr);
  std::fflush(stderr);
  shown_ = true;
  last_ = Clock::now();
}

}  // namespace attnscope::cli
