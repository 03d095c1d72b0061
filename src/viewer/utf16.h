// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "attnscope/tokenizer.h"

namespace attnscope {

/// Positions of a text in UTF-16 units, as JavaScript counts, for its positions in bytes. A byte that is no
/// UTF-8 counts as one unit: it is written as U+FFFD.
class Utf16Positions {
 public:
  explicit Utf16Positions(std::string_view text);
  [[nodiscard]] std::int64_t at(std::int64_t byte) const { return units_[static_cast<std::size_t>(byte)]; }
  [[nodiscard]] Span of(const Span& bytes) const { return {at(bytes.begin), at(bytes.end)}; }

 private:
  std::vector<std::int64_t> units_;  // one a byte, and the end
};

}  // namespace attnscope
