// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "serve/http.h"
#include "serve/limits.h"

namespace attnscope::serve {

/// Reads the head of a request as its bytes arrive. Stricter than RFC 9112 asks: lines end in CRLF only, no
/// folded lines, no blanks before a colon, one Content-Length of digits, no Transfer-Encoding.
/// What it throws closes the connection: where a faulty request ends is not known.
class HeadReader {
 public:
  explicit HeadReader(const Limits& limits) : limits_(limits) {}

  /// Takes whole lines from the front of `bytes`, at most up to the end of the head. Returns how many bytes.
  /// Throws:  Refused (400, 413, 414, 431, 501, 505), as early as the bytes say it.
  std::size_t take(std::string_view bytes);
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const RequestHead& head() const { return head_; }

 private:
  void take_line(std::string_view line);
  void take_request_line(std::string_view line);
  void take_field(std::string_view line);
  void check_unfinished(std::string_view line) const;
  void finish();

  Limits limits_;
  RequestHead head_;
  std::size_t field_bytes_ = 0;
  bool has_request_line_ = false;
  bool done_ = false;
};

}  // namespace attnscope::serve
