// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <sstream>

#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

Pairs align(const std::string& left, const std::string& right) {
  return align_words(words(left), words(right));
}

// The length of a longest common subsequence, by trying everything.
std::size_t plain_length(const std::vector<std::string>& left, const std::vector<std::string>& right,
                         std::size_t i, std::size_t j) {
  if (i == left.size() || j == right.size()) return 0;
  if (left[i] == right[j]) return 1 + plain_length(left, right, i + 1, j + 1);
  return std::max(plain_length(left, right, i + 1, j), plain_length(left, right, i, j + 1));
}

TEST(Alignment, OfEqualTextsIsWordByWord) {
  EXPECT_EQ(align("a b c", "a b c"), (Pairs{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(align("", ""), Pairs{});
}

TEST(Alignment, PairsWhatWasReplacedOneForOne) {
  EXPECT_EQ(align("the doctor asked her", "the nurse asked him"), (Pairs{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
  EXPECT_EQ(align("a b", "c d"), (Pairs{{0, 0}, {1, 1}}));
  EXPECT_EQ(align("x y is here", "p q is here"), (Pairs{{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
}

TEST(Alignment, LeavesOutWhatWasAddedOrTakenAway) {
  EXPECT_EQ(align("the old man slept", "the man slept"), (Pairs{{0, 0}, {2, 1}, {3, 2}}));
  EXPECT_EQ(align("he slept", "he slept very well"), (Pairs{{0, 0}, {1, 1}}));
  EXPECT_EQ(align("he saw a dog there", "he saw the big cat there"), (Pairs{{0, 0}, {1, 1}, {4, 5}}));
  EXPECT_EQ(align("", "a b"), Pairs{});
}

TEST(Alignment, OfWordsThatOccurTwiceNeedsNoMoreThanOneOfThem) {
  EXPECT_EQ(align("a a", "a"), (Pairs{{0, 0}}));
  EXPECT_EQ(align("a b a", "a"), (Pairs{{0, 0}}));
}

TEST(Alignment, IsALongestCommonSubsequence) {
  std::mt19937 generator(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> left(generator() % 9);
    std::vector<std::string> right(generator() % 9);
    for (std::string& word : left) word = std::string(1, static_cast<char>('a' + generator() % 4));
    for (std::string& word : right) word = std::string(1, static_cast<char>('a' + generator() % 4));
    const Pairs pairs = align_words(left, right);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (left.at(static_cast<std::size_t>(pairs[i].first)) ==
          right.at(static_cast<std::size_t>(pairs[i].second)))
        ++equal;
      if (i > 0) {
        EXPECT_LT(pairs[i - 1].first, pairs[i].first);
        EXPECT_LT(pairs[i - 1].second, pairs[i].second);
      }
    }
    EXPECT_EQ(equal, plain_length(left, right, 0, 0));
  }
}

}  // namespace
}  // namespace attnscope::analysis
