// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace attnscope::python {

/// A Python exception that is no Exception (KeyboardInterrupt, SystemExit) on its way through the engine.
/// Not a std::exception, so that always_call hooks do not run for it, as in PyTorch.
struct Interrupt {
  nanobind::python_error error;
};

/// Passes a Python error on as what it is.
[[noreturn]] inline void throw_python_error(nanobind::python_error& error) {
  if (error.matches(PyExc_Exception)) throw nanobind::python_error(std::move(error));
  throw Interrupt{std::move(error)};
}

}  // namespace attnscope::python
