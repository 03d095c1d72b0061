// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "attnscope/checkpoint.h"

namespace attnscope {

/// Who else may write to a model's files while they are read.
enum class Sharing { anybody, nobody };

[[nodiscard]] SafetensorsFile open_weights(const std::string& path, Sharing sharing);

/// The shards that DIRECTORY/model.safetensors.index.json names, in the order of their names.
/// Throws:  CheckpointError INDEX_* or what a shard's own reader throws. No file outside of the directory is
///          opened, unless the directory is a snapshot whose links lead into its own hub cache folder.
[[nodiscard]] std::vector<SafetensorsFile> open_shards(const std::string& directory, Sharing sharing);

}  // namespace attnscope
