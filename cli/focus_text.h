// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "attnscope/word_report.h"

namespace attnscope::cli {

/// "Angela Merkel (PER), logit 7.123 of B-PER"; safe to print.
[[nodiscard]] std::string heading_of(const Focus& focus);

/// The measure as --measure calls it: "leave-one-out".
[[nodiscard]] std::string option_name(Measure measure);

/// How pieces become words: "To a word: the sum over its pieces; ...".
[[nodiscard]] std::string word_rule_sentence(analysis::WordRule rule);

/// Whether a word of the report, by its position, is of what is explained.
[[nodiscard]] bool is_own(const Focus& focus, std::size_t word);

}  // namespace attnscope::cli
