// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// The name under which a tensor of a file is asked for: wrappers' and the base model's prefixes removed,
/// LayerNorm.gamma and beta renamed to weight and bias.
/// Example: canonical_weight_name("module.bert.embeddings.LayerNorm.gamma", "bert.") is
/// "embeddings.LayerNorm.weight"
[[nodiscard]] std::string canonical_weight_name(std::string_view name, std::string_view base_prefix);

/// Tables that follow from the shapes and are no parameters; older checkpoints hold them.
[[nodiscard]] bool is_buffer_name(std::string_view name);

}  // namespace attnscope
