// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <stdexcept>

#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

TEST(Rollout, HasRowsThatSumToOne) {
  for (const std::int64_t n : {1, 2, 17, 100}) {
    const Tensor weights = random_weights({5, 4, n, n}, 1);
    const Tensor result = rollout(weights.view());
    EXPECT_EQ(to_string(result.shape()), to_string(Shape{5, n, n}));
    EXPECT_TRUE(rows_sum_to_one(result));
  }
}

TEST(Rollout, OfTokensThatLookAtThemselvesIsTheIdentity) {
  const Tensor weights = identity_weights({4, 2, 6, 6});
  EXPECT_TRUE(same_bits(rollout(weights.view()), identity_weights({4, 6, 6})));
}

TEST(Rollout, OfOneLayerIsHalfTheWeightsAndHalfTheToken) {
  const Tensor weights = Tensor::of({1, 2, 2}, std::vector<float>{0.75F, 0.25F, 0.5F, 0.5F});
  EXPECT_TRUE(same_bits(rollout(weights.view()),
                        Tensor::of({1, 2, 2}, std::vector<float>{0.875F, 0.125F, 0.25F, 0.75F})));
}

TEST(Rollout, PutsTheLaterLayerOnTheLeft) {
  // B_0 = [[1, 0], [1/2, 1/2]], B_1 = [[1/2, 1/2], [0, 1]]
  const Tensor weights = Tensor::of({2, 2, 2}, std::vector<float>{1, 0, 1, 0, 0, 1, 0, 1});
  EXPECT_TRUE(same_bits(rollout(weights.view()),
                        Tensor::of({2, 2, 2}, std::vector<float>{1, 0, 0.5, 0.5, 0.75, 0.25, 0.5, 0.5})));
}

TEST(Rollout, TakesTheMeanOverTheHeads) {
  const Tensor weights = random_weights({3, 4, 9, 9}, 2);
  const Tensor mean = head_mean(weights.view());
  EXPECT_LT(max_abs_difference(rollout(weights.view()), rollout(mean.view())), 1e-6F);
}

TEST(Rollout, HasTheSameBitsOnAnyNumberOfThreads) {
  const Tensor weights = random_weights({3, 2, 90, 90}, 3);
  expect_same_on_all_thread_counts([&] { return rollout(weights.view()); });
}

[[noreturn]] void enough() { throw std::runtime_error("enough"); }

TEST(Rollout, EndsWithWhatThePollThrows) {
  const Tensor weights = random_weights({3, 2, 9, 9}, 5);
  EXPECT_THROW(static_cast<void>(rollout(weights.view(), enough)), std::runtime_error);
  EXPECT_THROW(static_cast<void>(accumulate(weights.view().select(1, 0), enough)), std::runtime_error);
}

TEST(Rollout, PollsWhileItMultiplies) {
  const Tensor weights = random_weights({24, 300, 300}, 6);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);  // which takes far longer than the time between two calls
  int calls = 0;
  const auto count = [&] { ++calls; };
  const Tensor polled = accumulate(weights.view(), count);
  EXPECT_GE(calls, 2);
  const auto end_at_the_second = [&] {
    if (++calls == 2) enough();
  };
  calls = 0;
  EXPECT_THROW(static_cast<void>(accumulate(weights.view(), end_at_the_second)), std::runtime_error);
  EXPECT_EQ(calls, 2);
  omp_set_num_threads(threads);
  EXPECT_TRUE(same_bits(polled, accumulate(weights.view())));
}

TEST(Accumulate, MultipliesWhatIsGiven) {
  const Tensor given = Tensor::of({2, 2, 2}, std::vector<float>{1, 2, 3, 4, 0.5, -1, 2, 0});
  EXPECT_TRUE(same_bits(accumulate(given.view()),
                        Tensor::of({2, 2, 2}, std::vector<float>{1, 2, 3, 4, -2.5, -3, 2, 4})));
  expect_error("SHAPE", [] { static_cast<void>(accumulate(TensorView(nullptr, DType::f32, {2, 2}))); });
}

TEST(Accumulate, OfWeightsWithTheirResidualIsTheirRollout) {
  const Tensor weights = random_weights({4, 8, 8}, 4);
  Tensor with_residual = weights.view().own();
  for (std::int64_t layer = 0; layer < 4; ++layer)
    for (std::int64_t row = 0; row < 8; ++row)
      for (std::int64_t column = 0; column < 8; ++column) {
        float& value = with_residual.mutable_view().f32()[(layer * 8 + row) * 8 + column];
        value = (value + (row == column ? 1.0F : 0.0F)) / 2.0F;
      }
  EXPECT_LT(max_abs_difference(accumulate(with_residual.view()), rollout(weights.view())), 1e-6F);
}

}  // namespace
}  // namespace attnscope::analysis
