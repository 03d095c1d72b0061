// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace attnscope::cli {

/// A whole number from `first` to `last`.
/// Throws:  InvalidArgument naming the option and the range; nothing wraps, "1e3" is not a number.
[[nodiscard]] std::int64_t parse_number(const std::string& option, const std::string& text,
                                        std::int64_t first, std::int64_t last);

/// A number from `least` to `most`.
/// Throws:  InvalidArgument naming the option and both.
[[nodiscard]] double parse_real(const std::string& option, const std::string& text, double least,
                                double most);

/// "0,2-4" as indices below `count`, in the order given; empty for "all".
/// Throws:  InvalidArgument naming the option and the range "0..5".
[[nodiscard]] std::optional<std::vector<std::int64_t>> parse_index_list(const std::string& option,
                                                                        const std::string& text,
                                                                        std::int64_t count);

/// "0,3-5" or "-3--1" as numbers from -count to count - 1, of which negative ones count from the end; empty
/// for "all".
/// Throws:  InvalidArgument naming the option and the range; also for a range with ends of both kinds.
[[nodiscard]] std::optional<std::vector<std::int64_t>> parse_position_list(const std::string& option,
                                                                           const std::string& text,
                                                                           std::int64_t count);

/// The parts of a text between commas.
[[nodiscard]] std::vector<std::string> split_list(const std::string& text);

/// One of a few words.
/// Throws:  InvalidArgument listing the words.
[[nodiscard]] std::size_t parse_choice(const std::string& option, const std::string& text,
                                       const std::vector<std::string>& choices);

}  // namespace attnscope::cli
