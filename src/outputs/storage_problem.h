// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "attnscope/error.h"

namespace attnscope {

/// What to say about `error` (an errno) while doing `action` ("write", "create") to `path`.
[[nodiscard]] ErrorInfo storage_problem(const std::string& path, int error, const char* action);

/// The same for a full disk: `needed_bytes` in all, of which what fits in `folder` is named.
[[nodiscard]] ErrorInfo no_space_problem(const std::string& path, const std::string& folder, int error,
                                         std::uint64_t needed_bytes);

}  // namespace attnscope
