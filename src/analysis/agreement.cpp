// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analysis/matrices.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

using Ranked = std::pair<double, double>;  // one item's place in both rankings

void check_lists(const std::vector<double>& left, const std::vector<double>& right, std::size_t at_least) {
  if (left.size() != right.size() || left.size() < at_least)
    refuse("SHAPE", "left, right", "have {} and {} numbers, expected equally many and at least {}",
           left.size(), right.size(), at_least);
  for (std::size_t i = 0; i < left.size(); ++i)
    if (std::isnan(left[i]) || std::isnan(right[i]))
      refuse("VALUE", std::isnan(left[i]) ? "left" : "right", "is NaN at {}, expected a number", i);
}

std::int64_t pairs_of(std::int64_t items) { return items * (items - 1) / 2; }

// Pairs of neighbours that are equal, in a sorted list.
template <class Equal>
std::int64_t tied_pairs(const std::vector<Ranked>& items, const Equal& equal) {
  std::int64_t pairs = 0;
  for (auto begin = items.begin(); begin != items.end();) {
    const auto end =
        std::find_if_not(begin, items.end(), [&](const Ranked& item) { return equal(*begin, item); });
    pairs += pairs_of(end - begin);
    begin = end;
  }
  return pairs;
}

// Sorts by the second ranking; returns how many pairs stood the other way round.
std::int64_t sort_and_count(std::vector<Ranked>& items, std::vector<Ranked>& merged, std::size_t begin,
                            std::size_t end) {
  if (end - begin < 2) return 0;
  const std::size_t middle = begin + (end - begin) / 2;
  std::int64_t swapped =
      sort_and_count(items, merged, begin, middle) + sort_and_count(items, merged, middle, end);
  std::size_t first = begin;
  std::size_t second = middle;
  for (std::size_t out = begin; out < end; ++out) {
    const bool take_second = first == middle || (second < end && items[second].second < items[first].second);
    if (take_second) swapped += static_cast<std::int64_t>(middle - first);
    merged[out] = items[take_second ? second++ : first++];
  }
  std::copy_n(merged.begin() + static_cast<std::ptrdiff_t>(begin), end - begin,
              items.begin() + static_cast<std::ptrdiff_t>(begin));
  return swapped;
}

}  // namespace

double kendall_tau(const std::vector<double>& left, const std::vector<double>& right) {
  check_lists(left, right, 2);
  std::vector<Ranked> items(left.size());
  std::transform(left.begin(), left.end(), right.begin(), items.begin(),
                 [](double a, double b) { return Ranked(a, b); });
  std::sort(items.begin(), items.end());
  const std::int64_t tied_both = tied_pairs(items, std::equal_to<>());
  const std::int64_t tied_left =
      tied_pairs(items, [](const Ranked& a, const Ranked& b) { return a.first == b.first; });
  std::vector<Ranked> merged(items.size());
  const std::int64_t discordant = sort_and_count(items, merged, 0, items.size());
  const std::int64_t tied_right =
      tied_pairs(items, [](const Ranked& a, const Ranked& b) { return a.second == b.second; });

  const std::int64_t all = pairs_of(static_cast<std::int64_t>(items.size()));
  const std::int64_t untied = all - tied_left - tied_right + tied_both;  // concordant or discordant
  if (tied_left == all || tied_right == all) return std::numeric_limits<double>::quiet_NaN();
  const double differing = static_cast<double>(all - tied_left) * static_cast<double>(all - tied_right);
  return static_cast<double>(untied - 2 * discordant) / std::sqrt(differing);
}

double total_variation(const std::vector<double>& left, const std::vector<double>& right) {
  check_lists(left, right, 1);
  return 0.5 * std::transform_reduce(left.begin(), left.end(), right.begin(), 0.0, std::plus<>(),
                                     [](double a, double b) { return std::abs(a - b); });
}

}  // namespace attnscope::analysis
