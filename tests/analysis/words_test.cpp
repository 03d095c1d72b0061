// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

const std::vector<std::int64_t> kIds{-1, 0, 0, 1, 2, 2, 2, -1};

TEST(Words, AreRunsOfOneIdAndSpecialTokensAlone) {
  EXPECT_EQ(word_ranges(kIds), (Ranges{{0, 1}, {1, 3}, {3, 4}, {4, 7}, {7, 8}}));
  EXPECT_EQ(word_ranges({-1, -1, 4}), (Ranges{{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_EQ(word_ranges({}), Ranges{});
}

TEST(Words, OfASecondTextMayCountFromZeroAgain) {
  EXPECT_EQ(word_ranges({-1, 0, 1, -1, 0, 0, -1}), (Ranges{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 6}, {6, 7}}));
  EXPECT_EQ(word_ranges({3, -1, 3}), (Ranges{{0, 1}, {1, 2}, {2, 3}}));
}

TEST(Words, OutOfOrderAreRefused) {
  EXPECT_EQ(expect_error("WORD_IDS",
                         [] {
                           static_cast<void>(word_ranges({0, 2, 1}));
                         })
                .what,
            "they fall from 2 to 1 at token 2, expected words in order");
  expect_error("WORD_IDS", [] { static_cast<void>(word_ranges({0, -2})); });
  const Tensor weights = uniform_weights({1, 1, 4, 4});
  expect_error("SHAPE", [&] { static_cast<void>(word_attention(weights.view(), {0, 1, 2})); });
}

TEST(Words, HaveRowsThatSumToOneByEveryRule) {
  const Tensor weights = random_weights({2, 3, 8, 8}, 1);
  for (const WordRule rule : {WordRule::mean, WordRule::first, WordRule::max}) {
    const Tensor words = word_attention(weights.view(), kIds, rule);
    EXPECT_EQ(to_string(words.shape()), "[2, 3, 5, 5]");
    EXPECT_TRUE(rows_sum_to_one(words));
  }
}

TEST(Words, FollowTheirRule) {
  const Tensor weights =
      Tensor::of({3, 3}, std::vector<float>{0.5F, 0.25F, 0.25F, 0.0F, 0.25F, 0.75F, 0.125F, 0.5F, 0.375F});
  const std::vector<std::int64_t> ids{-1, 0, 0};
  const auto rule = [&](WordRule wanted) { return word_attention(weights.view(), ids, wanted); };
  EXPECT_TRUE(
      same_bits(rule(WordRule::mean), Tensor::of({2, 2}, std::vector<float>{0.5F, 0.5F, 0.0625F, 0.9375F})));
  EXPECT_TRUE(
      same_bits(rule(WordRule::first), Tensor::of({2, 2}, std::vector<float>{0.5F, 0.5F, 0.0F, 1.0F})));
  const float sum = 0.125F + 0.75F;
  EXPECT_LT(max_abs_difference(rule(WordRule::max),
                               Tensor::of({2, 2}, std::vector<float>{0.5F / 0.75F, 0.25F / 0.75F,
                                                                     0.125F / sum, 0.75F / sum})),
            1e-7F);
}

TEST(Words, OfOnePieceEachAreTheTokens) {
  const Tensor weights = random_weights({2, 3, 6, 6}, 2);
  const std::vector<std::int64_t> ids{-1, 0, 1, 2, 3, -1};
  EXPECT_TRUE(same_bits(word_attention(weights.view(), ids, WordRule::mean), weights));
  EXPECT_TRUE(same_bits(word_attention(weights.view(), ids, WordRule::first), weights));
}

TEST(HiddenTokens, AreGoneWithTheirMassOrWithout) {
  const Tensor weights =
      Tensor::of({3, 3}, std::vector<float>{0.5F, 0.25F, 0.25F, 0.0F, 0.25F, 0.75F, 1.0F, 0.0F, 0.0F});
  const TokenSet first{true, false, false};
  EXPECT_TRUE(same_bits(without_tokens(weights.view(), first, Hidden::keep_mass),
                        Tensor::of({2, 2}, std::vector<float>{0.25F, 0.75F, 0.0F, 0.0F})));
  const Tensor renormalised = without_tokens(weights.view(), {false, true, false}, Hidden::renormalise);
  EXPECT_LT(max_abs_difference(renormalised,
                               Tensor::of({2, 2}, std::vector<float>{2.0F / 3, 1.0F / 3, 1.0F, 0.0F})),
            1e-7F);
  EXPECT_TRUE(same_bits(without_tokens(weights.view(), first, Hidden::renormalise),
                        Tensor::of({2, 2}, std::vector<float>{0.25F, 0.75F, 0.0F, 0.0F})));
  expect_error("SHAPE", [&] {
    static_cast<void>(without_tokens(weights.view(), {true, true, true}, Hidden::keep_mass));
  });
}

}  // namespace
}  // namespace attnscope::analysis
