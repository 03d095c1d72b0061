// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

/// The end of the interpreter. A thread that asks for Python's lock once that has begun is ended in the
/// middle of C++, which ends the process with an error. So the end waits for calls into the engine, and from
/// then on a thread that would go back to Python sleeps until the process is gone.
namespace attnscope::python {

/// A call into the engine; made while Python's lock is held.
class EngineCall {
 public:
  EngineCall();
  ~EngineCall();
  EngineCall(const EngineCall&) = delete;
  EngineCall& operator=(const EngineCall&) = delete;
  /// Calls of all threads that are under way.
  [[nodiscard]] static int under_way();
};

/// To be called without Python's lock: does not come back once the interpreter is ending, on any thread but
/// that which ends it.
void sleep_if_ending();

/// Gives Python's lock away for as long as it lives, as a call into the engine.
class Unlocked {
 public:
  Unlocked() { sleep_if_ending(); }

 private:
  EngineCall call_;  // counted first and last while the lock is held
  nanobind::gil_scoped_release no_gil_;
};

/// To be called by atexit: returns when no other thread is inside the engine.
void begin_ending();

/// In the child of a fork the other threads are gone.
void forget_calls();

}  // namespace attnscope::python
