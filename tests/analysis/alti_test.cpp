// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <stdexcept>

#include "analysis/random_block.h"
#include "support/tensors.h"

namespace attnscope::analysis {
namespace {

// By the definition: how much nearer each vector is to the output than nothing is.
Tensor naive_alti(const AttentionBlock& block) {
  const NaiveBlock naive(block);
  Tensor result({naive.n, naive.n});
  float* values = result.mutable_view().f32();
  for (std::int64_t i = 0; i < naive.n; ++i) {
    std::vector<double> row;
    double sum = 0.0;
    for (std::int64_t j = 0; j < naive.n; ++j) {
      double length = 0.0;
      double distance = 0.0;
      for (std::int64_t w = 0; w < naive.width; ++w) {
        const auto y = double{block.outputs.at({i, w})};
        length += std::abs(y);
        distance += std::abs(y - naive.linear[static_cast<std::size_t>((i * naive.n + j) * naive.width + w)]);
      }
      row.push_back(std::max(0.0, length - distance));
      sum += row.back();
    }
    for (const double value : row) *values++ = static_cast<float>(sum == 0.0 ? 0.0 : value / sum);
  }
  return result;
}

TEST(Alti, EqualsItsDefinition) {
  for (const BlockSpec& spec :
       {BlockSpec{}, BlockSpec{.tokens = 12, .heads = 4, .head_dim = 8, .width = 32}}) {
    const AttentionBlock block = random_block(spec);
    EXPECT_LT(max_abs_difference(alti(block), naive_alti(block)), 1e-5F);
  }
}

TEST(Alti, EndsWithWhatThePollThrows) {
  EXPECT_THROW(static_cast<void>(alti(random_block(), [] { throw std::runtime_error("enough"); })),
               std::runtime_error);
}

TEST(Alti, HasRowsThatSumToOne) {
  const Tensor contributions = alti(random_block({.tokens = 9}, 3));
  for (std::int64_t i = 0; i < 9; ++i) {
    float sum = 0.0F;
    for (std::int64_t j = 0; j < 9; ++j) {
      EXPECT_GE(contributions.at({i, j}), 0.0F);
      sum += contributions.at({i, j});
    }
    EXPECT_NEAR(sum, 1.0F, 1e-6F);
  }
}

TEST(Alti, IsZeroWhereNothingComesNearTheOutput) {
  AttentionBlock block = random_block();
  for (std::int64_t i = 0; i < block.outputs.count(); ++i) {
    float& value = block.outputs.mutable_view().f32()[i];
    value = i / 10 == 2 ? 0.0F : value;  // an output of 0 is nearer to nothing than to anything
  }
  const Tensor contributions = alti(block);
  for (std::int64_t j = 0; j < 7; ++j) EXPECT_EQ(contributions.at({2, j}), 0.0F);
  EXPECT_GT(contributions.at({1, 1}), 0.0F);
}

TEST(Alti, TakesTheNormsEpsIntoAccount) {
  AttentionBlock block = random_block();
  const Tensor before = alti(block);
  block.norm_eps = 10.0;
  EXPECT_GT(max_abs_difference(alti(block), before), 1e-3F);
  EXPECT_LT(max_abs_difference(alti(block), naive_alti(block)), 1e-5F);
}

}  // namespace
}  // namespace attnscope::analysis
