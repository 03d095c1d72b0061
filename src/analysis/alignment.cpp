// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

using Words = std::vector<std::string>;
using Pair = std::pair<std::int64_t, std::int64_t>;

/// Words [left_begin, left_end) and [right_begin, right_end) that are still to be aligned.
struct Gap {
  std::size_t left_begin;
  std::size_t left_end;
  std::size_t right_begin;
  std::size_t right_end;
};

void append_pair(std::vector<Pair>& pairs, std::size_t left, std::size_t right) {
  pairs.emplace_back(static_cast<std::int64_t>(left), static_cast<std::int64_t>(right));
}

// A longest common subsequence of what is in the gap, appended to the pairs.
void append_matches(const Words& left, const Words& right, const Gap& gap, std::vector<Pair>& pairs) {
  const std::size_t rows = gap.left_end - gap.left_begin;
  const std::size_t columns = gap.right_end - gap.right_begin;
  const auto equal = [&](std::size_t i, std::size_t j) {
    return left[gap.left_begin + i] == right[gap.right_begin + j];
  };
  // longest[i, j]: of what is left from word i and word j on
  std::vector<std::int32_t> longest((rows + 1) * (columns + 1));
  const auto at = [&](std::size_t i, std::size_t j) -> std::int32_t& {
    return longest[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      at(i, j) = equal(i, j) ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));

  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    if (equal(i, j))
      append_pair(pairs, gap.left_begin + i++, gap.right_begin + j++);
    else if (at(i + 1, j) >= at(i, j + 1))
      ++i;
    else
      ++j;
  }
}

std::vector<Pair> common_subsequence(const Words& left, const Words& right) {
  std::vector<Pair> pairs;
  Gap gap{0, left.size(), 0, right.size()};
  const auto is_open = [&gap] { return gap.left_begin < gap.left_end && gap.right_begin < gap.right_end; };
  for (; is_open() && left[gap.left_begin] == right[gap.right_begin]; ++gap.left_begin, ++gap.right_begin)
    append_pair(pairs, gap.left_begin, gap.right_begin);
  for (; is_open() && left[gap.left_end - 1] == right[gap.right_end - 1]; --gap.left_end, --gap.right_end) {
  }
  append_matches(left, right, gap, pairs);
  for (std::size_t i = gap.left_end; i < left.size(); ++i)
    append_pair(pairs, i, gap.right_end + (i - gap.left_end));
  return pairs;
}

}  // namespace

std::vector<Pair> align_words(const Words& left, const Words& right) {
  std::vector<Pair> matches = common_subsequence(left, right);
  append_pair(matches, left.size(), right.size());  // behind the last words
  std::vector<Pair> pairs;
  Pair next{0, 0};
  for (const Pair& match : matches) {
    const std::int64_t replaced = match.first - next.first;
    if (replaced == match.second - next.second)
      for (std::int64_t i = 0; i < replaced; ++i) pairs.emplace_back(next.first + i, next.second + i);
    pairs.push_back(match);
    next = {match.first + 1, match.second + 1};
  }
  pairs.pop_back();
  return pairs;
}

}  // namespace attnscope::analysis
