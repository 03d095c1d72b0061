// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "attnscope/hooks.h"

namespace attnscope::python {

/// A hook whose callable stands in Python, where the garbage collector can see it; here is only its number.
/// Takes Python's lock, shows the values as arrays, and applies what the callable returns.
class PythonHook {
 public:
  enum class Point { before, after };
  PythonHook(std::int64_t id, Point point) : id_(id), point_(point) {}
  void operator()(HookEvent& event) const;

 private:
  std::int64_t id_;
  Point point_;
};

}  // namespace attnscope::python
