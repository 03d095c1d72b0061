// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/word_report.h"

namespace attnscope::cli {

/// "Angela Merkel (PER), logit 7.123 of B-PER"; safe to print.
[[nodiscard]] std::string heading_of(const Focus& focus);

/// The measure as --measure calls it: "leave-one-out".
[[nodiscard]] std::string option_name(Measure measure);

}  // namespace attnscope::cli
