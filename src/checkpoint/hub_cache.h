// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace attnscope {

/// The directory of a model's snapshot in the local hub cache. `repo_id` is "owner/name" or "name".
/// Throws:  InvalidArgument HUB_NAME if it cannot be a repository id, HUB_HOME if a variable is not absolute;
///          HubError HUB_MISSING with the folder looked at and how to get the model.
[[nodiscard]] std::string find_in_hub_cache(const std::string& repo_id);

}  // namespace attnscope
