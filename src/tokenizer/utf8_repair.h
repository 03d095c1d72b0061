// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// A text whose bad byte sequences were replaced by U+FFFD, as Python's errors="replace" does.
class RepairedText {
 public:
  explicit RepairedText(std::string_view original);

  [[nodiscard]] const std::string& text() const { return text_; }
  /// Offset in the original bytes of a character boundary of text().
  [[nodiscard]] std::size_t original_offset(std::size_t offset) const;

 private:
  struct Patch {
    std::size_t repaired_end;
    std::size_t original_end;
  };
  std::string text_;
  std::vector<Patch> patches_;
};

}  // namespace attnscope
