// SPDX-License-Identifier: Apache-2.0
#include "statistics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "errors.h"
#include "numbers.h"
#include "suggestion.h"

namespace attnscope::cli {
namespace {

constexpr const char* kOption = "--stats";
constexpr std::string_view kTop = "top";
constexpr std::int64_t kMostTopKeys = 1'000'000;

std::vector<std::string> known_names() {
  std::vector<std::string> names;
  for (const Statistic statistic : all_statistics()) names.emplace_back(name(statistic));
  names.insert(names.end(), {"received", "top5", "all"});
  return names;
}

InvalidArgument unknown_name(const std::string& word) {
  const std::vector<std::string> known = known_names();
  const auto nearest = suggest(word, known);
  return usage_error(kOption, fmt::format("'{}' is not one of: {}", word, fmt::join(known, ", ")),
                     nearest ? fmt::format("did you mean '{}'?", *nearest) : "");
}

void refuse_if(bool given, const std::string& word) {
  if (given) throw usage_error(kOption, fmt::format("{} is given twice", word), "name each once");
}

void add_statistic(Statistic statistic, Request& request) {
  auto& chosen = request.statistics;
  refuse_if(std::find(chosen.begin(), chosen.end(), statistic) != chosen.end(), name(statistic));
  chosen.push_back(statistic);
}

void add_received(Request& request) {
  refuse_if(request.received, "received");
  request.received = true;
}

bool is_top(std::string_view word) {
  return word.size() > kTop.size() && word.starts_with(kTop) &&
         word.find_first_not_of("0123456789", kTop.size()) == std::string_view::npos;
}

void add_word(const std::string& word, Request& request) {
  if (word == "all") {
    for (const Statistic statistic : all_statistics()) add_statistic(statistic, request);
    return add_received(request);
  }
  if (word == "received") return add_received(request);
  if (is_top(word)) {
    refuse_if(request.top_keys > 0, "top");
    request.top_keys = parse_number(kOption, word.substr(kTop.size()), 1, kMostTopKeys);
    return;
  }
  for (const Statistic statistic : all_statistics())
    if (word == name(statistic)) return add_statistic(statistic, request);
  throw unknown_name(word);
}

}  // namespace

void add_statistics(const std::string& list, Request& request) {
  for (const std::string& word : split_list(list)) add_word(word, request);
}

}  // namespace attnscope::cli
