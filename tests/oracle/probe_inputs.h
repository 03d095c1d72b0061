// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/model.h"

namespace probe {

/// The ids of one text and the name that its results get.
struct NamedText {
  std::string name;
  attnscope::Sequence ids;
};

/// Reads texts from a safetensors file of I64 tensors `NAME.input_ids`, `NAME.token_type_ids` and
/// `NAME.position_ids`, F32 `NAME.inputs_embeds`, and `NAME.num_unattended` and `NAME.pooled_token` of one
/// number; only the first is required. NAME is a number, and the texts come in its order.
[[nodiscard]] std::vector<NamedText> read_texts(const std::string& path);

}  // namespace probe
