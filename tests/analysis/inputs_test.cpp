// SPDX-License-Identifier: Apache-2.0
//
// What every function says of weights that it cannot take.

#include <gmock/gmock.h>

#include <functional>
#include <limits>

#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

using testing::HasSubstr;

struct Function {
  const char* name;
  std::function<Tensor(const TensorView&)> call;
};

TokenSet all_but_first(const TensorView& weights) {
  TokenSet tokens(static_cast<std::size_t>(weights.size(-1)), true);
  tokens[0] = false;
  return tokens;
}

std::vector<std::int64_t> single_words(const TensorView& weights) {
  std::vector<std::int64_t> ids;
  for (std::int64_t i = 0; i < weights.size(-1); ++i) ids.push_back(i);
  return ids;
}

const std::vector<Function>& functions() {
  static const std::vector<Function> all{
      {"entropy", [](const TensorView& w) { return entropy(w); }},
      {"distance", [](const TensorView& w) { return distance(w); }},
      {"confidence", [](const TensorView& w) { return confidence(w); }},
      {"mass_on", [](const TensorView& w) { return mass_on(w, all_but_first(w)); }},
      {"mass_at_offset", [](const TensorView& w) { return mass_at_offset(w, -1); }},
      {"mass_on_same_word", [](const TensorView& w) { return mass_on_same_word(w, single_words(w)); }},
      {"received", [](const TensorView& w) { return received(w); }},
      {"word_attention", [](const TensorView& w) { return word_attention(w, single_words(w)); }},
      {"without_tokens",
       [](const TensorView& w) { return without_tokens(w, all_but_first(w), Hidden::renormalise); }},
      {"rollout", [](const TensorView& w) { return rollout(w); }},
      {"flow", [](const TensorView& w) { return flow(w); }},
      {"divergence", [](const TensorView& w) { return divergence(w, w); }},
      {"HeadDistances",
       [](const TensorView& w) {
         HeadDistances distances(2, 3);
         distances.add(w);
         return distances.matrix();
       }},
  };
  return all;
}

TEST(Inputs, MayHaveAnyStrides) {
  const Tensor weights = random_weights({2, 3, 7, 7}, 1);
  const Transposed transposed(weights);
  for (const Function& function : functions())
    EXPECT_TRUE(same_bits(function.call(transposed.view), function.call(weights.view()))) << function.name;
}

TEST(Inputs, MayBePartsOfLargerOnes) {
  const Tensor weights = random_weights({4, 3, 9, 9}, 2);
  const TensorView part = weights.view().narrow(0, 1, 2).narrow(2, 2, 5).narrow(3, 4, 5);
  const Tensor copy = part.own();
  for (const Function& function : functions())
    EXPECT_TRUE(same_bits(function.call(part), function.call(copy.view()))) << function.name;
}

TEST(Inputs, ThatAreNotSquareAreRefusedWithTheirShape) {
  const Tensor weights = Tensor({2, 3, 7, 6});
  for (const Function& function : functions()) {
    SCOPED_TRACE(function.name);
    EXPECT_THAT(expect_error("SHAPE", [&] { static_cast<void>(function.call(weights.view())); }).what,
                HasSubstr("[2, 3, 7, 6], expected"));
  }
}

TEST(Inputs, WithoutTokensOrHeadsAreRefused) {
  for (const Shape& shape : {Shape{2, 3, 0, 0}, Shape{2, 0, 7, 7}, Shape{0, 3, 7, 7}}) {
    const Tensor weights(shape);
    expect_error("SHAPE", [&] { static_cast<void>(entropy(weights.view())); });
    expect_error("SHAPE", [&] { static_cast<void>(flow(weights.view())); });
  }
}

TEST(Inputs, OfAnotherTypeOrRankAreRefused) {
  const Tensor ids({2, 3, 7, 7}, DType::i64);
  const Tensor vector(Shape{7});
  for (const Function& function : functions()) {
    SCOPED_TRACE(function.name);
    EXPECT_THAT(expect_error("DTYPE", [&] { static_cast<void>(function.call(ids.view())); }).what,
                HasSubstr("is I64, expected F32"));
    expect_error("SHAPE", [&] { static_cast<void>(function.call(vector.view())); });
  }
  const Tensor matrix = uniform_weights({7, 7});
  const Tensor batch = uniform_weights({1, 2, 3, 7, 7});
  for (const Tensor* weights : {&matrix, &batch})
    EXPECT_THAT(expect_error("SHAPE", [&] { static_cast<void>(rollout(weights->view())); }).what,
                HasSubstr("expected [layers, heads, n, n] or [layers, n, n]"));
  EXPECT_EQ(entropy(matrix.view()).rank(), 0);
  EXPECT_EQ(to_string(entropy(batch.view()).shape()), "[1, 2, 3]");
}

TEST(Inputs, ThatAreNoWeightsAreRefusedWithLayerHeadAndRow) {
  for (const float wrong :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -0.5F}) {
    Tensor weights = uniform_weights({2, 3, 7, 7});
    weights.mutable_view().f32()[((1 * 3 + 2) * 7 + 5) * 7 + 4] = wrong;
    for (const Function& function : functions()) {
      SCOPED_TRACE(function.name);
      const ErrorInfo info = expect_error("VALUE", [&] { static_cast<void>(function.call(weights.view())); });
      EXPECT_EQ(info.where, "layer 1, head 2, row 5");
      EXPECT_THAT(info.what, HasSubstr("at column 4, expected a finite number, 0 or more"));
    }
  }
}

TEST(Inputs, OfReducedHeadsAreNamedByTheirLayer) {
  Tensor weights = uniform_weights({2, 7, 7});
  weights.mutable_view().f32()[(1 * 7 + 3) * 7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(expect_error("VALUE", [&] { static_cast<void>(rollout(weights.view())); }).where,
            "layer 1, row 3");
}

TEST(Inputs, FromOutsideMayBeLargeOrUnnormalised) {
  Tensor weights = random_weights({2, 3, 40, 40}, 3);
  for (std::int64_t i = 0; i < weights.count(); ++i) weights.mutable_view().f32()[i] *= 1000.0F;
  EXPECT_TRUE(rows_sum_to_one(flow(weights.view(), false)));
  EXPECT_TRUE(rows_sum_to_one(rollout(weights.view())));
}

}  // namespace
}  // namespace attnscope::analysis
