// SPDX-License-Identifier: Apache-2.0
#include "call.h"

namespace attnscope::python {
namespace {

thread_local const Call* current_call = nullptr;

}  // namespace

Call::Call(const PaddedLayout& the_layout, const CallOptions& the_options)
    : layout(the_layout), options(the_options), outer_(current_call) {
  current_call = this;
}

Call::~Call() { current_call = outer_; }

const Call* Call::current() { return current_call; }

}  // namespace attnscope::python
