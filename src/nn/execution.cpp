// SPDX-License-Identifier: Apache-2.0
#include "nn/execution.h"

#include <algorithm>
#include <exception>
#include <set>

#include "nn/hook_event.h"

namespace attnscope::nn {
namespace {

// Fires one hook and brings the values in line with what it replaced.
void fire(const HookEntry& entry, HookEvent::Impl& state) {
  HookEvent event(&state);
  (*entry.hook)(event);
  state.settle();
}

// After an exception: the always_call hooks that have not had their turn. What they throw is dropped, because
// the first exception is the one to report.
void fire_always_called(const std::vector<HookEntry>& entries, const std::set<std::uint64_t>& called,
                        HookEvent::Impl& state) {
  state.before = false;
  state.failed = true;
  for (const HookEntry& entry : entries) {
    if (!entry.always_call || called.contains(entry.id)) continue;
    try {
      fire(entry, state);
    } catch (const std::exception&) {
    }
  }
}

/// Keeps a module on a list for as long as it lives.
class Listed {
 public:
  Listed(std::vector<const Module*>& list, const Module& module) : list_(list) { list_.push_back(&module); }
  ~Listed() { list_.pop_back(); }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

 private:
  std::vector<const Module*>& list_;
};

}  // namespace

Execution::Execution(const Batch& batch, const Plan& plan, CaptureSink& captures, RunState& state)
    : batch_(batch), plan_(plan), captures_(captures), state_(state), hooks_(*state.hooks) {}

Values Execution::call(const Module& module, const Values& inputs) {
  state_.poll.check();
  if (!hooks_.any(module.id())) return module.forward(inputs, *this);
  return call_with_hooks(module, inputs);
}

bool Execution::observed(const Module& module) const {
  return hooks_.any(module.id()) || std::find(watched_.begin(), watched_.end(), &module) != watched_.end();
}

Values Execution::call_with_hooks(const Module& module, const Values& inputs) {
  const Listed watched(watched_, module);
  calls_.resize(std::max(calls_.size(), module.id() + 1));
  HookEvent::Impl state(module, *this, calls_[module.id()]++);
  state.set(state.inputs, inputs);
  std::set<std::uint64_t> called;
  try {
    for (const HookEntry& entry : hooks_.snapshot(HookPoint::before, module.id())) fire(entry, state);
    if (module.spans_layers()) state.keep_inputs();
    state.set(state.outputs, module.forward(state.inputs.values, *this));
    state.before = false;
    // Read only now: a forward hook that a forward-pre hook of this call added fires in this call.
    for (const HookEntry& entry : hooks_.snapshot(HookPoint::after, module.id())) {
      called.insert(entry.id);
      fire(entry, state);
    }
  } catch (const std::exception&) {
    // Nothing else is caught: what is no error but ends the program (Ctrl-C) goes straight to the caller.
    fire_always_called(hooks_.snapshot(HookPoint::after, module.id()), called, state);
    throw;
  }
  return state.outputs.values;
}

float* Execution::allocate(Value& value) {
  float* memory = floats(value.count(batch_));
  value.data = memory;
  return memory;
}

}  // namespace attnscope::nn
