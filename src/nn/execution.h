// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "core/arena.h"
#include "core/poll.h"
#include "nn/attention_work.h"
#include "nn/batch.h"
#include "nn/capture_sink.h"
#include "nn/hook_table.h"
#include "nn/module.h"
#include "nn/plan.h"
#include "nn/times.h"
#include "nn/value.h"

namespace attnscope::nn {

/// Two arenas used in turn: what a layer made lives until the layer after next begins.
class Workspace {
 public:
  [[nodiscard]] Arena& arena() { return arenas_[current_]; }
  void next() {
    current_ = 1 - current_;
    arenas_[current_].reset();
  }

 private:
  std::array<Arena, 2> arenas_;
  std::size_t current_ = 0;
};

/// What a run keeps from one forward pass to the next.
struct RunState {
  Workspace workspace;
  std::shared_ptr<HookTable> hooks;
  Poll poll;
  AttentionWork attention_work = {};
  Times times = {};
};

/// One forward pass: the texts, what to compute, where results go, memory and hooks.
class Execution {
 public:
  Execution(const Batch& batch, const Plan& plan, CaptureSink& captures, RunState& state);

  /// Calls a module and fires its hooks: the only way a module is called. Polls before.
  Values call(const Module& module, const Values& inputs);
  /// The same for modules with one output.
  Value operator()(const Module& module, const Value& input) { return call(module, {input})[0]; }

  /// Whether a hook watches the module now; if not, its parent may take a fused path around it. Once hooks
  /// have fired for a call, the module counts as watched until the call ends, whatever other threads remove.
  [[nodiscard]] bool observed(const Module& module) const;

  [[nodiscard]] const Batch& batch() const { return batch_; }
  [[nodiscard]] const Plan& plan() const { return plan_; }
  [[nodiscard]] CaptureSink& captures() const { return captures_; }
  /// For work that takes milliseconds: to be checked in between.
  [[nodiscard]] Poll& poll() { return state_.poll; }
  /// Memory that lives until the layer after next begins.
  [[nodiscard]] float* floats(std::int64_t count) { return state_.workspace.arena().floats(count); }
  [[nodiscard]] AttentionWork& attention_work() { return state_.attention_work; }
  [[nodiscard]] Times& times() { return state_.times; }
  void next_layer() { state_.workspace.next(); }
  /// Memory of the arena for a value of this layout.
  [[nodiscard]] float* allocate(Value& value);

 private:
  Values call_with_hooks(const Module& module, const Values& inputs);

  const Batch& batch_;
  const Plan& plan_;
  CaptureSink& captures_;
  RunState& state_;
  HookTable& hooks_;
  std::vector<std::int64_t> calls_;     // by module id; filled only while hooks are set
  std::vector<const Module*> watched_;  // calls with hooks that have begun and not ended
};

}  // namespace attnscope::nn
