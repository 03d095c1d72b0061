// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "attnscope/interventions.h"

namespace attnscope {

/// An edit and its place in the list, for messages.
struct NumberedEdit {
  Edit edit;
  std::size_t index;
};

/// Forward-pre hook of the projection behind the heads: writes the contexts of zero_heads and mean_heads.
void edit_contexts(HookEvent& event, const std::vector<NumberedEdit>& edits, std::int64_t num_heads);

/// Forward hook of an `attn` leaf: uniform_heads, knock_out and zero_weights, whatever their order.
void edit_weights(HookEvent& event, const std::vector<NumberedEdit>& edits);

/// Forward hook of any module: the patches of its outputs.
void patch_outputs(HookEvent& event, const std::vector<NumberedEdit>& edits);

}  // namespace attnscope
