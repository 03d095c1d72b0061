// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "nn/module.h"

namespace attnscope::nn {

/// The layers of an encoder, one after another, as far as the plan wants them: [n, width] -> [n, width].
class LayerStack : public Module {
 public:
  /// The layers stand in a ModuleList named "layer".
  LayerStack(const Scope& scope, std::string type, std::vector<std::unique_ptr<Module>> layers);

  /// No output when the plan ends inside the stack.
  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  [[nodiscard]] bool spans_layers() const override { return true; }

 private:
  std::vector<std::unique_ptr<Module>> layers_;
  Uncalled list_;
};

}  // namespace attnscope::nn
