// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/error.h"

namespace attnscope::cli {

/// Exit codes beside those of ErrorKind.
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInterrupted = 130;

enum class ErrorStyle { text, json };

/// A value of `option` that cannot be taken.
[[nodiscard]] InvalidArgument usage_error(const std::string& option, const std::string& what,
                                          const std::string& hint = {});

/// Writes the error to stderr: one line, or a JSON object.
void report(const ErrorInfo& info, ErrorStyle style);

/// Writes something worth knowing to stderr: one line, or a JSON object.
void note(const std::string& text, ErrorStyle style);

}  // namespace attnscope::cli
