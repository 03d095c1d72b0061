// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "attnscope/analysis.h"
#include "support/tensors.h"

namespace attnscope::analysis {
namespace {

// Every pair looked at.
double plain_tau_b(const std::vector<double>& left, const std::vector<double>& right) {
  double score = 0.0;
  double differ_left = 0.0;
  double differ_right = 0.0;
  for (std::size_t i = 0; i < left.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const int a = (left[i] > left[j]) - (left[i] < left[j]);
      const int b = (right[i] > right[j]) - (right[i] < right[j]);
      score += a * b;
      differ_left += a * a;
      differ_right += b * b;
    }
  return score / std::sqrt(differ_left * differ_right);
}

TEST(KendallTau, CountsPairsWithTiesAndWithout) {
  std::mt19937 generator(1);
  for (const std::size_t length : {2U, 3U, 10U, 301U})
    for (const int values : {2, 5, 1000000}) {
      std::uniform_int_distribution<int> value(0, values);
      std::vector<double> left(length);
      std::vector<double> right(length);
      for (double& number : left) number = value(generator);
      for (double& number : right) number = value(generator);
      const double expected = plain_tau_b(left, right);
      if (std::isnan(expected))
        EXPECT_TRUE(std::isnan(kendall_tau(left, right)));
      else
        EXPECT_NEAR(kendall_tau(left, right), expected, 1e-12);
    }
}

TEST(KendallTau, OfTheSameAndTheReversedOrder) {
  EXPECT_DOUBLE_EQ(kendall_tau({1, 5, 9}, {0.1, 0.2, 0.3}), 1.0);
  EXPECT_DOUBLE_EQ(kendall_tau({1, 5, 9}, {3, 2, -INFINITY}), -1.0);
  EXPECT_TRUE(std::isnan(kendall_tau({1, 1, 1}, {1, 2, 3})));
  EXPECT_TRUE(std::isnan(kendall_tau({1, 2, 3}, {4, 4, 4})));
}

TEST(KendallTau, IsFastOnLongRankings) {
  std::mt19937 generator(2);
  std::vector<double> left(1000000);
  std::vector<double> right(left.size());
  for (double& number : left) number = static_cast<double>(generator());
  for (double& number : right) number = static_cast<double>(generator());
  EXPECT_NEAR(kendall_tau(left, right), 0.0, 0.01);  // by pairs it would take minutes
}

TEST(Agreement, RefusesListsThatDoNotFit) {
  expect_error("SHAPE", [] { static_cast<void>(kendall_tau({1}, {1})); });
  expect_error("SHAPE", [] { static_cast<void>(kendall_tau({1, 2}, {1, 2, 3})); });
  expect_error("SHAPE", [] { static_cast<void>(total_variation({}, {})); });
  EXPECT_EQ(expect_error("VALUE", [] { static_cast<void>(kendall_tau({1, 2}, {1, NAN})); }).where, "right");
}

TEST(TotalVariation, IsHalfOfTheDifferences) {
  EXPECT_DOUBLE_EQ(total_variation({0.5, 0.5, 0}, {0.25, 0.25, 0.5}), 0.5);
  EXPECT_DOUBLE_EQ(total_variation({1, 0}, {0, 1}), 1.0);
  EXPECT_DOUBLE_EQ(total_variation({0.1, 0.9}, {0.1, 0.9}), 0.0);
}

}  // namespace
}  // namespace attnscope::analysis
