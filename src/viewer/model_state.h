// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "attnscope/model.h"

namespace attnscope {

/// A module and what a hook on it sees.
struct ModuleOutputs {
  std::string path;
  std::string type;
  std::vector<std::pair<Shape, DType>> outputs;  // empty for a module that did not run
};

/// All of a run of one text that a page shows.
struct ModelState {
  Tensor attentions;  // [layers, heads, n, n]
  Tensor logits;      // empty without a task head
  Tensor queries;     // [layers, heads, n, head_dim], before scaling
  Tensor keys;
  std::vector<ModuleOutputs> modules;  // in the model's order
  std::vector<std::string> notices;
};
/// Throws:  as Run.
[[nodiscard]] ModelState run_for_page(Run& run, const Encoding& encoding);

}  // namespace attnscope
