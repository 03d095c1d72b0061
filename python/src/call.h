// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>

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
  /// `layout`: that of every run of the call; null: hooks see the texts of each run as if padded on the
  /// right.
  Call(const PaddedLayout* layout, const CallOptions& options);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  [[nodiscard]] static const Call* current();
  /// Where the tokens of the run stand that the event is of.
  [[nodiscard]] std::shared_ptr<const PaddedLayout> layout_of(const HookEvent& event) const;
  [[nodiscard]] Framework framework() const { return options.torch ? Framework::torch : Framework::numpy; }

  const CallOptions& options;

 private:
  const PaddedLayout* layout_;
  const Call* outer_;
};

}  // namespace attnscope::python
