// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "analysis/random_block.h"
#include "support/tensors.h"

namespace attnscope::analysis {
namespace {

const BlockSpec kSpecs[] = {{},
                            {.tokens = 1},
                            {.tokens = 5, .heads = 1, .head_dim = 8, .width = 8},
                            {.tokens = 12, .heads = 4, .head_dim = 8, .width = 32, .eps = 1e-12}};

void expect_near(double found, double expected) {
  EXPECT_NEAR(found, expected, 1e-5 * std::max(1.0, std::abs(expected)));
}

class VectorNorms : public testing::TestWithParam<int> {
 protected:
  AttentionBlock block_ = random_block(kSpecs[GetParam()], static_cast<std::uint32_t>(GetParam() + 1));
  NaiveBlock naive_{block_};
};

TEST_P(VectorNorms, OfHeadsAreThoseOfTheWeightedVectors) {
  const Tensor lengths = transformed_norms(block_);
  const Tensor norms = vector_norms(block_, NormKind::head);
  ASSERT_TRUE(norms.shape() == Shape({naive_.heads, naive_.n, naive_.n}));
  for (std::int64_t h = 0; h < naive_.heads; ++h)
    for (std::int64_t j = 0; j < naive_.n; ++j) {
      const double length = naive_.length(naive_.f, h * naive_.n + j);
      expect_near(lengths.at({h, j}), length);
      for (std::int64_t i = 0; i < naive_.n; ++i)
        expect_near(norms.at({h, i, j}), double{block_.weights.at({h, i, j})} * length);
    }
}

TEST_P(VectorNorms, ByTheGramMatrixAreThoseOfTheVectorsThemselves) {
  const struct {
    NormKind kind;
    const std::vector<double>& vectors;
  } kinds[] = {{NormKind::summed, naive_.mixed},
               {NormKind::residual, naive_.t},
               {NormKind::normalised, naive_.linear}};
  for (const auto& [kind, vectors] : kinds) {
    const Tensor norms = vector_norms(block_, kind);
    ASSERT_TRUE(norms.shape() == Shape({naive_.n, naive_.n}));
    for (std::int64_t i = 0; i < naive_.n; ++i)
      for (std::int64_t j = 0; j < naive_.n; ++j)
        expect_near(norms.at({i, j}), naive_.length(vectors, i * naive_.n + j));
  }
}

TEST_P(VectorNorms, GiveTheMixingRatio) {
  for (const NormKind kind : {NormKind::residual, NormKind::normalised}) {
    const std::vector<double>& vectors = kind == NormKind::residual ? naive_.t : naive_.linear;
    const Tensor ratios = mixing_ratio(block_, kind);
    for (std::int64_t i = 0; i < naive_.n; ++i) {
      std::vector<double> others(static_cast<std::size_t>(naive_.width));
      for (std::int64_t j = 0; j < naive_.n; ++j)
        for (std::int64_t w = 0; j != i && w < naive_.width; ++w)
          others[static_cast<std::size_t>(w)] +=
              vectors[static_cast<std::size_t>((i * naive_.n + j) * naive_.width + w)];
      const double mixed = naive_.length(others, 0);
      const double kept = naive_.length(vectors, i * naive_.n + i);
      expect_near(ratios.at({i}), mixed / (mixed + kept));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, VectorNorms, testing::Range(0, 4));

TEST(VectorNorms, EndWithWhatThePollThrows) {
  const AttentionBlock block = random_block();
  const auto enough = [] { throw std::runtime_error("enough"); };
  for (const NormKind kind : {NormKind::head, NormKind::summed, NormKind::normalised})
    EXPECT_THROW(static_cast<void>(vector_norms(block, kind, enough)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(transformed_norms(block, enough)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(mixing_ratio(block, NormKind::residual, enough)), std::runtime_error);
}

TEST(VectorNorms, AreTheSameWithAPoll) {
  const AttentionBlock block = random_block({.tokens = 40}, 2);
  int calls = 0;
  const Tensor polled = vector_norms(block, NormKind::normalised, [&] { ++calls; });
  EXPECT_GE(calls, 1);
  EXPECT_TRUE(same_bits(polled, vector_norms(block, NormKind::normalised)));
}

TEST(MixingRatio, IsZeroForATokenThatLooksAtItself) {
  AttentionBlock block = random_block();
  block.weights = Tensor({3, 7, 7});
  for (std::int64_t h = 0; h < 3; ++h)
    for (std::int64_t i = 0; i < 7; ++i) block.weights.mutable_view().f32()[(h * 7 + i) * 7 + i] = 1.0F;
  const Tensor ratios = mixing_ratio(block, NormKind::residual);
  for (std::int64_t i = 0; i < 7; ++i) EXPECT_NEAR(ratios.at({i}), 0.0F, 1e-6F);
}

TEST(MixingRatio, NeedsTheTokensOwnState) {
  expect_error("NORM_KIND", [] { static_cast<void>(mixing_ratio(random_block(), NormKind::summed)); });
  expect_error("NORM_KIND", [] { static_cast<void>(mixing_ratio(random_block(), NormKind::head)); });
}

TEST(AttentionBlock, ThatDoesNotFitTogetherIsRefused) {
  const auto refuse = [](const char* field, const auto& change) {
    AttentionBlock block = random_block();
    change(block);
    for (const auto& method : {+[](const AttentionBlock& b) { return vector_norms(b, NormKind::normalised); },
                               +[](const AttentionBlock& b) { return transformed_norms(b); },
                               +[](const AttentionBlock& b) { return mixing_ratio(b, NormKind::residual); },
                               +[](const AttentionBlock& b) { return alti(b); }})
      EXPECT_EQ(expect_error("SHAPE", [&] { static_cast<void>(method(block)); }).field, field);
  };
  refuse("weights", [](AttentionBlock& block) { block.weights = Tensor({3, 7, 6}); });
  refuse("values", [](AttentionBlock& block) { block.values = Tensor({7, 12}); });
  refuse("output_weight", [](AttentionBlock& block) { block.output_weight = Tensor({12, 10}); });
  refuse("output_bias", [](AttentionBlock& block) { block.output_bias = {}; });
  refuse("inputs", [](AttentionBlock& block) { block.inputs = Tensor({6, 10}); });
  refuse("norm_weight", [](AttentionBlock& block) { block.norm_weight = Tensor({9}); });
  refuse("outputs", [](AttentionBlock& block) { block.outputs = Tensor({7, 10}, DType::i64); });
}

}  // namespace
}  // namespace attnscope::analysis
