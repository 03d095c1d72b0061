// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "attnscope/gradients.h"

namespace attnscope::python {

/// A target as Python says it: without a label it is what the model predicts.
struct ExplainedTarget {
  Target target;
  bool has_label = false;
};

/// From {"of", "label", "tokens"}, as explained_target.py makes it.
[[nodiscard]] ExplainedTarget explained_target(const nanobind::dict& given);

/// The logits of one text.
[[nodiscard]] Tensor logits_of(Run& run, const Sequence& text);

}  // namespace attnscope::python
