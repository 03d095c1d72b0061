// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "attnscope/interventions.h"

namespace attnscope {

/// "edits[1] (knock_out, layer 2, heads 0, 5)", for messages.
[[nodiscard]] std::string described(const Edit& edit, std::size_t index);

/// Throws InvalidArgument (EDIT) for fields that the kind does not have or lacks.
void check_fields(const Edit& edit, std::size_t index);

/// Throws InvalidArgument (EDIT_CONFLICT) if the edit, the next of a list, writes what one on it writes.
void check_conflicts(const std::vector<Edit>& earlier, const Edit& edit);

/// Throws InvalidArgument (RANGE) for a layer or head that the model does not have, (EDIT) for means of
/// another head_dim.
void check_fits_model(const Edit& edit, std::size_t index, const ModelInfo& info);

/// Whether two edits can meet in one text.
[[nodiscard]] bool share_text(const Edit& left, const Edit& right);

[[noreturn]] void refuse_conflict(const std::string& left, const std::string& right);

/// Edits of attention weights, as opposed to contexts and other values.
[[nodiscard]] bool edits_weights(EditKind kind);

/// The heads of an edit; all where none are named.
[[nodiscard]] std::vector<std::int64_t> heads_of(const Edit& edit, std::int64_t num_heads);

}  // namespace attnscope
