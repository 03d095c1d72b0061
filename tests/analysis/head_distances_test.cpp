// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

// By the definition: half of the relative entropies of both to their mean, in nats.
double plain_divergence(const TensorView& left, const TensorView& right, double keep, double spread) {
  const std::int64_t n = left.size(0);
  double sum = 0.0;
  for (std::int64_t key = 0; key < n; ++key) {
    const double p = keep * left.at({key}) + spread / static_cast<double>(n);
    const double q = keep * right.at({key}) + spread / static_cast<double>(n);
    const double middle = (p + q) / 2;
    if (p > 0) sum += 0.5 * p * std::log(p / middle);
    if (q > 0) sum += 0.5 * q * std::log(q / middle);
  }
  return sum;
}

TEST(HeadDistances, AreSumsOfDivergencesOfSmoothedRows) {
  const std::vector<Tensor> texts{random_weights({2, 3, 9, 9}, 1), random_weights({2, 3, 4, 4}, 2)};
  HeadDistances distances(2, 3);
  for (const Tensor& text : texts) distances.add(text.view());
  const Tensor matrix = distances.matrix();
  ASSERT_EQ(to_string(matrix.shape()), "[6, 6]");
  for (std::int64_t a = 0; a < 6; ++a)
    for (std::int64_t b = 0; b < 6; ++b) {
      double expected = 0.0;
      for (const Tensor& text : texts)
        for (std::int64_t row = 0; row < text.size(-1); ++row)
          expected +=
              plain_divergence(text.view().select(0, a / 3).select(0, a % 3).select(0, row),
                               text.view().select(0, b / 3).select(0, b % 3).select(0, row), 0.999, 0.001);
      EXPECT_NEAR(matrix.at({a, b}), expected, 1e-5);
    }
}

TEST(HeadDistances, AreSymmetricAndNothingToThemselves) {
  const Tensor weights = random_weights({3, 4, 12, 12}, 3);
  HeadDistances distances(3, 4);
  distances.add(weights.view());
  const Tensor matrix = distances.matrix();
  for (std::int64_t a = 0; a < 12; ++a)
    for (std::int64_t b = 0; b < 12; ++b) {
      EXPECT_EQ(matrix.at({a, b}), matrix.at({b, a}));
      EXPECT_EQ(matrix.at({a, b}) == 0.0F, a == b);
    }
}

TEST(HeadDistances, OfEqualHeadsAreNothing) {
  HeadDistances distances(2, 3);
  const Tensor weights = uniform_weights({2, 3, 9, 9});
  distances.add(weights.view());
  EXPECT_TRUE(all_near(distances.matrix(), 0.0, 0.0));
}

TEST(HeadDistances, AreOfTheHeadsThatWereNamed) {
  HeadDistances distances(2, 3);
  for (const Shape& shape : {Shape{3, 2, 5, 5}, Shape{6, 5, 5}, Shape{1, 2, 3, 5, 5}}) {
    const Tensor weights = uniform_weights(shape);
    expect_error("SHAPE", [&] { distances.add(weights.view()); });
  }
  expect_error("SHAPE", [] { HeadDistances(0, 12); });
}

TEST(HeadDistances, HaveTheSameBitsOnAnyNumberOfThreads) {
  const Tensor weights = random_weights({3, 4, 60, 60}, 4);
  expect_same_on_all_thread_counts([&] {
    HeadDistances distances(3, 4);
    distances.add(weights.view());
    return distances.matrix();
  });
}

TEST(HeadDistances, EndWithWhatThePollThrows) {
  HeadDistances distances(2, 3);
  const Tensor weights = uniform_weights({2, 3, 9, 9});
  EXPECT_THROW(distances.add(weights.view(), [] { throw std::runtime_error("enough"); }), std::runtime_error);
}

TEST(Divergence, IsTheMeanOfTheRows) {
  const Tensor left = random_weights({2, 3, 9, 9}, 5);
  const Tensor right = random_weights({2, 3, 9, 9}, 6);
  const Tensor found = divergence(left.view(), right.view());
  double expected = 0.0;
  for (std::int64_t row = 0; row < 9; ++row)
    expected += plain_divergence(left.view().select(0, 1).select(0, 2).select(0, row),
                                 right.view().select(0, 1).select(0, 2).select(0, row), 1.0, 0.0);
  EXPECT_NEAR(found.at({1, 2}), expected / 9, 1e-6);
  EXPECT_TRUE(same_bits(divergence(right.view(), left.view()), found));
  EXPECT_TRUE(all_near(divergence(left.view(), left.view()), 0.0, 0.0));
}

TEST(Divergence, OfRowsWithNothingInCommonIsTheLogarithmOfTwo) {
  const Tensor left = Tensor::of({2, 2}, std::vector<float>{1, 0, 0, 1});
  const Tensor right = Tensor::of({2, 2}, std::vector<float>{0, 1, 1, 0});
  EXPECT_NEAR(divergence(left.view(), right.view()).at({}), std::log(2.0), 1e-7);
  const Tensor other = uniform_weights({3, 3});
  expect_error("SHAPE", [&] { static_cast<void>(divergence(left.view(), other.view())); });
}

}  // namespace
}  // namespace attnscope::analysis
