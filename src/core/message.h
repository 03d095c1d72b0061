// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>

#include "attnscope/error.h"

namespace attnscope {

/// Starts an ErrorInfo; the rest is filled by name.
/// Example: throw CheckpointError(problem(ErrorKind::input, "HEADER_SHORT", file).at_byte(0)
///                                    .found("{} bytes, need 8", size).hint("download it again"));
class Problem {
 public:
  Problem(ErrorKind kind, std::string code, std::string file) {
    info_.kind = kind;
    info_.code = std::move(code);
    info_.file = std::move(file);
  }

  Problem& at(std::string where) {
    info_.where = std::move(where);
    return *this;
  }
  Problem& at_byte(std::uint64_t offset) {
    info_.offset = offset;
    info_.where = fmt::format("byte {}", offset);
    return *this;
  }
  /// A JSON pointer, a tensor name or an option; it is also where the message points unless that is set.
  Problem& field(std::string field) {
    if (info_.where.empty()) info_.where = field;
    info_.field = std::move(field);
    return *this;
  }
  template <class... Args>
  Problem& found(fmt::format_string<Args...> format, Args&&... args) {
    info_.what = fmt::format(format, std::forward<Args>(args)...);
    return *this;
  }
  template <class... Args>
  Problem& hint(fmt::format_string<Args...> format, Args&&... args) {
    info_.hint = fmt::format(format, std::forward<Args>(args)...);
    return *this;
  }
  operator ErrorInfo() const { return info_; }  // NOLINT(google-explicit-constructor)

 private:
  ErrorInfo info_;
};

[[nodiscard]] inline Problem problem(ErrorKind kind, std::string code, std::string file = {}) {
  return {kind, std::move(code), std::move(file)};
}

}  // namespace attnscope
