// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attnscope::serve {

/// The parts of a path between slashes, percent-decoded once; "/" has none. A query is left out.
/// No part names a file: they are compared with the names of routes, documents and parts only.
/// Throws:  Refused: 400 for a target that is no path, for a broken % and for decoded bytes that are not
///          visible ASCII; 404 for "..", ".", an empty part, slashes and backslashes.
[[nodiscard]] std::vector<std::string> path_parts(std::string_view target);

}  // namespace attnscope::serve
