// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attnscope::cli {

/// The parts of a list; one empty part of an empty text.
[[nodiscard]] std::vector<std::string> split(const std::string& text, char separator);

/// A whole number from `first` to `last`.
/// Throws:  InvalidArgument naming the option and the range; nothing wraps, "1e3" is not a number.
[[nodiscard]] std::int64_t parse_number(const std::string& option, const std::string& text,
                                        std::int64_t first, std::int64_t last);

/// "0,2-4" as indices below `count`, in the order given; empty for "all".
/// Throws:  InvalidArgument naming the option and the range "0..5".
[[nodiscard]] std::optional<std::vector<std::int64_t>> parse_index_list(const std::string& option,
                                                                        const std::string& text,
                                                                        std::int64_t count);

/// One of a few words.
/// Throws:  InvalidArgument listing the words.
[[nodiscard]] std::size_t parse_choice(const std::string& option, const std::string& text,
                                       const std::vector<std::string>& choices);

}  // namespace attnscope::cli
