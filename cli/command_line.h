// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "errors.h"

namespace attnscope::cli {

/// Errors are written as JSON when --json is among the options.
[[nodiscard]] ErrorStyle error_style(int argc, const char* const* argv);

/// Reads the arguments and does what they ask for. Returns the exit code.
[[nodiscard]] int run_command_line(int argc, const char* const* argv);

}  // namespace attnscope::cli
