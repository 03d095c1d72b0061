// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "attnscope/hooks.h"
#include "nn/execution.h"

namespace attnscope {

struct Activation::Impl {
  const nn::Value* value = nullptr;
  const nn::Batch* batch = nullptr;
  const std::string* path = nullptr;
};

/// State of one module call while its hooks fire.
struct HookEvent::Impl {
  /// A module's inputs or outputs, and which of them hooks have changed.
  struct Side {
    nn::Values values;
    std::array<Activation::Impl, 4> activations;
    std::array<bool, 4> owned{};     // copied for this call, so it may be written
    std::array<bool, 4> replaced{};  // by the hook that is firing
    nn::Values originals;            // the values as they were before they were copied
    std::array<Activation::Impl, 4> original_activations;
  };

  Impl(const nn::Module& the_module, nn::Execution& the_run, std::int64_t the_call)
      : module(the_module), run(the_run), call(the_call) {}

  void set(Side& side, const nn::Values& values);
  /// The writable memory of one text of a value; copies the value on first use.
  [[nodiscard]] MutableTensorView edit(Side& side, std::size_t index, std::int64_t text, bool allowed);
  void replace(Side& side, std::size_t index, const TensorView& value, bool allowed);
  void replace(Side& side, std::size_t index, std::int64_t text, const TensorView& value, bool allowed);
  /// A copy of the value in memory that lives as long as what the value is used for.
  [[nodiscard]] const void* copy(const nn::Value& value);
  /// Ends the turn of one hook: refuses NaN and brings dependent outputs in line.
  void settle();
  /// Has the module bring outputs in line with the ones in `replaced`; those that it made anew are as
  /// computed.
  void mend(std::size_t replaced);
  /// Moves the inputs out of the arena, for modules that outlast it.
  void keep_inputs();
  void check_text(std::int64_t text) const;

  const nn::Module& module;
  nn::Execution& run;
  std::int64_t call;
  bool before = true;   // forward-pre hooks are firing
  bool failed = false;  // only always_call hooks fire, because something threw
  Side inputs;
  Side outputs;
  std::vector<Tensor> kept;
};

}  // namespace attnscope
