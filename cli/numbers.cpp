// SPDX-License-Identifier: Apache-2.0
#include "numbers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "errors.h"

namespace attnscope::cli {
namespace {

/// The whole of `text` as a number; empty if it is anything else or does not fit.
std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

struct Limits {
  std::int64_t first;
  std::int64_t last;
};

void append_range(std::vector<std::int64_t>& indices, const std::string& option, const std::string& part,
                  const Limits& limits) {
  const std::size_t dash = part.find('-', 1);
  if (dash == std::string::npos) {
    indices.push_back(parse_number(option, part, limits.first, limits.last));
    return;
  }
  const std::int64_t first = parse_number(option, part.substr(0, dash), limits.first, limits.last);
  const std::int64_t last = parse_number(option, part.substr(dash + 1), limits.first, limits.last);
  if ((first < 0) != (last < 0)) {
    throw usage_error(option, fmt::format("'{}' has one end from the start and one from the end", part),
                      "count both from the same side");
  }
  if (first > last) {
    throw usage_error(option, fmt::format("'{}' runs backwards", part),
                      fmt::format("write {}-{}", last, first));
  }
  for (std::int64_t index = first; index <= last; ++index) indices.push_back(index);
}

void refuse_repetition(const std::string& option, std::vector<std::int64_t> indices) {
  std::sort(indices.begin(), indices.end());
  const auto repeated = std::adjacent_find(indices.begin(), indices.end());
  if (repeated != indices.end()) throw usage_error(option, fmt::format("{} is given twice", *repeated));
}

std::optional<std::vector<std::int64_t>> parse_list(const std::string& option, const std::string& text,
                                                    const Limits& limits) {
  if (text == "all") return std::nullopt;
  std::vector<std::int64_t> indices;
  for (const std::string& part : split_list(text)) append_range(indices, option, part, limits);
  refuse_repetition(option, indices);
  return indices;
}

}  // namespace

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = text.find(',', start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return parts;
    start = end + 1;
  }
}

std::int64_t parse_number(const std::string& option, const std::string& text, std::int64_t first,
                          std::int64_t last) {
  const auto number = whole_number(text);
  if (number && *number >= first && *number <= last) return *number;
  throw usage_error(option, fmt::format("'{}' is not a whole number in the range {}..{}", text, first, last));
}

double parse_real(const std::string& option, const std::string& text, double least, double most) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stopped == end && number >= least && number <= most) return number;
  throw usage_error(option, fmt::format("'{}' is not a number from {} to {}", text, least, most));
}

std::optional<std::vector<std::int64_t>> parse_index_list(const std::string& option, const std::string& text,
                                                          std::int64_t count) {
  return parse_list(option, text, {0, count - 1});
}

std::optional<std::vector<std::int64_t>> parse_position_list(const std::string& option,
                                                             const std::string& text, std::int64_t count) {
  return parse_list(option, text, {-count, count - 1});
}

std::size_t parse_choice(const std::string& option, const std::string& text,
                         const std::vector<std::string>& choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  throw usage_error(option, fmt::format("'{}' is not one of: {}", text, fmt::join(choices, ", ")));
}

}  // namespace attnscope::cli
