// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "arrays.h"
#include "padded_layout.h"

namespace attnscope::python {

/// Of one Python call of a model.
struct CallOptions {
  nanobind::handle fire;        ///< fire(hook id, inputs, outputs, failed) -> None or [(index, array), ...]
  bool torch = false;           ///< hooks see torch tensors
  bool on_main_thread = false;  ///< where Python runs signal handlers
  bool own_positions = false;   ///< each text has position ids of its own
};

/// What the hooks and polls of a run need to know of the Python call that started it. One is current on each
/// thread; a call that a hook makes is nested inside it.
class Call {
 public:
  Call(const PaddedLayout& layout, const CallOptions& options);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  [[nodiscard]] static const Call* current();
  [[nodiscard]] Framework framework() const { return options.torch ? Framework::torch : Framework::numpy; }

  const PaddedLayout& layout;
  const CallOptions& options;

 private:
  const Call* outer_;
};

}  // namespace attnscope::python
