// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace attnscope::cli {

/// Opens an address in the user's browser. Returns false if standard output is no terminal, so that nobody
/// looks, or if xdg-open does not start.
[[nodiscard]] bool open_browser(const std::string& url);

}  // namespace attnscope::cli
