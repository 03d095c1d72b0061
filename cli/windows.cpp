// SPDX-License-Identifier: Apache-2.0
#include "windows.h"

#include <utility>

namespace attnscope::cli {

bool EncodingReader::has_next() { return next_window_ < windows_.size() || texts_.has_next(); }

void EncodingReader::open_text() {
  windows_ = encoder_.windows(texts_.next(), *stride_);
  next_window_ = 0;
  ++texts_opened_;
  fraction_before_ = fraction_after_.value_or(0.0);
  fraction_after_ = texts_.fraction();
}

EncodedText EncodingReader::next() {
  if (!stride_) return {encoder_(texts_.next()), std::nullopt};
  if (next_window_ == windows_.size()) open_text();
  const WindowPlace place{texts_opened_ - 1, static_cast<std::int64_t>(next_window_)};
  return {std::move(windows_[next_window_++]), place};
}

std::optional<double> EncodingReader::fraction() const {
  if (!stride_) return texts_.fraction();
  if (windows_.empty() || !fraction_after_) return fraction_after_;
  const double share = static_cast<double>(next_window_) / static_cast<double>(windows_.size());
  return fraction_before_ + share * (*fraction_after_ - fraction_before_);
}

}  // namespace attnscope::cli
