// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "session.h"

namespace attnscope::python {

/// (input_ids, token_type_ids) of a text, the latter empty for zeros.
using TextIds = std::pair<std::vector<std::int64_t>, std::vector<std::int64_t>>;

[[nodiscard]] inline Sequence sequence_of(TextIds text) {
  return {.input_ids = std::move(text.first), .token_type_ids = std::move(text.second)};
}

/// Runs texts of any length. `choices` is the dict of AttentionRequest.choices() in Python.
/// Returns: (layers, heads, [{name: array, ..., "notices": [...]}, ...]); what was not asked for is left out.
[[nodiscard]] nanobind::tuple attend(Session& session, std::vector<TextIds> texts,
                                     const nanobind::dict& choices, bool main_thread,
                                     const nanobind::object& fire);

void bind_weights_on_demand(nanobind::module_& m);

}  // namespace attnscope::python
