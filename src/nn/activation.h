// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "checkpoint/config.h"
#include "kernels/kernels.h"
#include "nn/linear.h"
#include "nn/module.h"

namespace attnscope::nn {

/// One row of Hugging Face's table of activations (ACT2FN).
struct ActivationKind {
  const char* name;  ///< in config.json
  const char* type;  ///< class
  kernels::Activation function;
};

/// The activation that a key of config.json names.
/// Throws:  CheckpointError (CFG_VALUE) listing the known ones.
[[nodiscard]] const ActivationKind& read_activation(const Config& config, std::string_view key);
/// The activation of this name, which must be known.
[[nodiscard]] const ActivationKind& activation_kind(std::string_view name);

/// The activation of every element, in new memory.
[[nodiscard]] Value activate(const ActivationKind& kind, const Value& input, Execution& run);

class ActivationModule : public Module {
 public:
  ActivationModule(std::string path, const ActivationKind& kind)
      : Module(std::move(path), kind.type), kind_(kind) {}

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override {
    return {activate(kind_, inputs[0], run)};
  }
  [[nodiscard]] const ActivationKind& kind() const { return kind_; }

 private:
  const ActivationKind& kind_;
};

/// activation(linear(input)), called so that hooks on either see its values.
[[nodiscard]] Value linear_and_activation(const Linear& linear, const ActivationModule& activation,
                                          const Value& input, Execution& run);

}  // namespace attnscope::nn
