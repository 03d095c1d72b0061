// SPDX-License-Identifier: Apache-2.0
#include "serve/byte_range.h"

#include <algorithm>
#include <charconv>

#include "serve/http.h"

namespace attnscope::serve {
namespace {

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "q=0", "q=0.000"
bool has_weight_zero(std::string_view parameters) {
  const std::string text = lower_case(parameters);
  const std::size_t weight = text.find("q=");
  if (weight == std::string::npos) return false;
  return text.find_first_not_of("0. \t", weight + 2) == std::string::npos;
}

}  // namespace

RangeWish read_range(std::string_view field, std::size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (lower_case(field.substr(0, kUnit.size())) != kUnit) return {};
  const std::string_view range = trimmed(field.substr(kUnit.size()));
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return {};
  const auto first = number(range.substr(0, dash));
  const auto last = number(range.substr(dash + 1));
  if (dash == 0) {
    if (!last) return {};
    if (*last == 0 || size == 0) return {RangeWish::Kind::impossible};
    return {RangeWish::Kind::part, {size - std::min(*last, size), size}};
  }
  const bool open_end = dash + 1 == range.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return {};
  if (*first >= size) return {RangeWish::Kind::impossible};
  return {RangeWish::Kind::part, {*first, open_end ? size : std::min(*last, size - 1) + 1}};
}

bool names_tag(std::string_view list, std::string_view tag) {
  for (std::string_view item : list_items(list)) {
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag) return true;
  }
  return false;
}

bool takes_coding(std::string_view list, std::string_view coding) {
  std::optional<bool> by_star;
  for (const std::string_view item : list_items(list)) {
    const std::size_t semicolon = std::min(item.find(';'), item.size());
    const std::string name = lower_case(trimmed(item.substr(0, semicolon)));
    const bool taken = !has_weight_zero(item.substr(semicolon));
    if (name == coding) return taken;
    if (name == "*") by_star = taken;
  }
  return by_star.value_or(false);
}

}  // namespace attnscope::serve
