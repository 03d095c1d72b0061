// SPDX-License-Identifier: Apache-2.0
#include "shutdown.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace attnscope::python {
namespace {

using namespace std::chrono_literals;

std::atomic<int> calls = 0;
std::atomic<bool> ending = false;
thread_local int own_calls = 0;
thread_local bool ends_the_interpreter = false;

}  // namespace

EngineCall::EngineCall() {
  calls += 1;
  own_calls += 1;
}

EngineCall::~EngineCall() {
  own_calls -= 1;
  calls -= 1;
}

int EngineCall::under_way() { return calls; }

void sleep_if_ending() {
  if (!ending || ends_the_interpreter) return;
  calls -= own_calls;
  for (;;) std::this_thread::sleep_for(1h);
}

void begin_ending() {
  ends_the_interpreter = true;
  ending = true;
  const nanobind::gil_scoped_release no_gil;
  while (calls > own_calls) std::this_thread::sleep_for(1ms);
}

void forget_calls() {
  calls = own_calls;
  ending = false;
}

}  // namespace attnscope::python
