// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <ostream>

#include "kernels/kernels.h"
#include "kernels/random_floats.h"

namespace attnscope::kernels {
namespace {

enum class Wanted { weights, context, both };

// One head in the middle of wider matrices, whose other columns are NaN: reading them shows.
class Case {
 public:
  Case(std::int64_t seq_len, std::int64_t head_dim, float scale = 1.0F)
      : seq_len_(seq_len),
        num_keys_(seq_len),
        head_dim_(head_dim),
        stride_(head_dim + 5),
        query_(inside_nan(1, scale)),
        key_(inside_nan(2, scale)),
        value_(inside_nan(3, 1.0F)) {}

  /// Makes the last tokens queries only: their keys and values become NaN, so that reading them shows.
  Case& leave_unattended(std::int64_t count) {
    num_keys_ = seq_len_ - count;
    for (std::vector<float>* matrix : {&key_, &value_})
      std::fill(matrix->begin() + num_keys_ * stride_, matrix->end(), NAN);
    return *this;
  }

  struct Result {
    std::vector<float> weights, context;
    bool operator==(const Result&) const = default;
  };

  [[nodiscard]] AttentionHead head(Result& result, Wanted wanted) const {
    AttentionHead head;
    head.query = query_.data() + 2;
    head.key = key_.data() + 2;
    head.query_stride = head.key_stride = stride_;
    head.seq_len = seq_len_;
    head.num_keys = num_keys_;
    head.head_dim = head_dim_;
    head.scaling = 1.0F / std::sqrt(static_cast<float>(head_dim_));
    if (wanted != Wanted::context) head.outputs.weights = result.weights.data();
    if (wanted == Wanted::weights) return head;
    head.value = value_.data() + 2;
    head.value_stride = stride_;
    head.context = result.context.data() + 1;
    head.context_stride = head_dim_ + 2;
    return head;
  }

  // Untouched floats stay -1.
  [[nodiscard]] Result untouched() const {
    return {std::vector<float>(static_cast<std::size_t>(seq_len_ * seq_len_ + 1), -1.0F),
            std::vector<float>(static_cast<std::size_t>(seq_len_ * (head_dim_ + 2) + 1), -1.0F)};
  }

  [[nodiscard]] Result run(decltype(attention_head)* kernel, std::int64_t block,
                           Wanted wanted = Wanted::both) const {
    Result result = untouched();
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_floats(seq_len_, head_dim_)), NAN);
    for (std::int64_t first = 0; first < seq_len_; first += block)
      kernel(head(result, wanted), first, std::min(first + block, seq_len_), scratch.data());
    return result;
  }

 private:
  [[nodiscard]] std::vector<float> inside_nan(unsigned seed, float scale) const {
    std::vector<float> matrix(static_cast<std::size_t>(seq_len_ * stride_), NAN);
    const std::vector<float> values = test::random_floats(seq_len_ * head_dim_, seed, scale);
    for (std::int64_t i = 0; i < seq_len_ * head_dim_; ++i)
      matrix[static_cast<std::size_t>(i / head_dim_ * stride_ + 2 + i % head_dim_)] =
          values[static_cast<std::size_t>(i)];
    return matrix;
  }

  std::int64_t seq_len_, num_keys_, head_dim_, stride_;
  std::vector<float> query_, key_, value_;
};

const std::vector<std::int64_t> kLengths{1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 31, 33, 48, 63, 64, 65, 100, 129};
const std::vector<std::int64_t> kDims{1, 2, 3, 4, 5, 8, 13, 16, 20, 31, 32, 33, 48, 64, 65, 80, 96, 100, 128};

float max_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float difference = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference = std::isnan(a[i]) ? INFINITY : std::max(difference, std::abs(a[i] - b[i]));
  return difference;
}

TEST(AttentionHead, EqualsThePlainLoopForEveryLengthAndWidth) {
  for (const std::int64_t seq_len : kLengths)
    for (const std::int64_t head_dim : kDims) {
      const Case item(seq_len, head_dim);
      const Case::Result actual = item.run(attention_head, seq_len);
      const Case::Result expected = item.run(attention_head_plain, seq_len);
      ASSERT_LT(max_difference(actual.weights, expected.weights), 2e-6F) << seq_len << ' ' << head_dim;
      ASSERT_LT(max_difference(actual.context, expected.context), 5e-6F) << seq_len << ' ' << head_dim;
    }
}

TEST(AttentionHead, WritesAtLength512WhatThePlainLoopWrites) {
  const Case item(512, 64);
  const Case::Result actual = item.run(attention_head, 64);
  const Case::Result expected = item.run(attention_head_plain, 512);
  EXPECT_LT(max_difference(actual.weights, expected.weights), 1e-6F);
  EXPECT_LT(max_difference(actual.context, expected.context), 2e-6F);
}

TEST(AttentionHead, HasTheSameBitsHoweverTheQueriesAreSplit) {
  for (const std::int64_t seq_len : {1, 7, 16, 37, 130})
    for (const std::int64_t head_dim : {3, 8, 33, 64}) {
      const Case item(seq_len, head_dim);
      const Case::Result whole = item.run(attention_head, seq_len);
      for (const std::int64_t block : {1, 2, 3, 5, 16, 64})
        ASSERT_EQ(item.run(attention_head, block), whole) << seq_len << ' ' << head_dim << ' ' << block;
    }
}

TEST(AttentionHead, HasTheSameBitsWhateverIsWanted) {
  for (const std::int64_t head_dim : {5, 32, 64}) {
    const Case item(45, head_dim);
    const Case::Result both = item.run(attention_head, 45);
    const Case::Result context = item.run(attention_head, 45, Wanted::context);
    const Case::Result weights = item.run(attention_head, 45, Wanted::weights);
    EXPECT_EQ(context.context, both.context);
    EXPECT_EQ(weights.weights, both.weights);
    EXPECT_EQ(context.weights, item.untouched().weights);
    EXPECT_EQ(weights.context, item.untouched().context);
  }
}

TEST(AttentionContext, HasTheBitsOfAttentionHeadForItsWeights) {
  for (const std::int64_t seq_len : kLengths)
    for (const std::int64_t head_dim : kDims) {
      const Case item(seq_len, head_dim);
      Case::Result result = item.run(attention_head, seq_len);
      const std::vector<float> expected = result.context;
      result.context = item.untouched().context;
      const std::int64_t middle = seq_len / 2;
      attention_context(item.head(result, Wanted::both), result.weights.data(), 0, middle);
      attention_context(item.head(result, Wanted::both), result.weights.data(), middle, seq_len);
      ASSERT_EQ(result.context, expected) << seq_len << ' ' << head_dim;
    }
}

TEST(AttentionHead, WithUnattendedTokensEqualsThePlainLoop) {
  for (const std::int64_t seq_len : kLengths)
    for (const std::int64_t unattended : {1, 2, 5, 17, 40})
      for (const std::int64_t head_dim : {1, 8, 33, 64}) {
        if (unattended >= seq_len) continue;
        const Case item = Case(seq_len, head_dim).leave_unattended(unattended);
        const Case::Result actual = item.run(attention_head, 7);
        const Case::Result expected = item.run(attention_head_plain, seq_len);
        ASSERT_LT(max_difference(actual.weights, expected.weights), 2e-6F) << seq_len << ' ' << unattended;
        ASSERT_LT(max_difference(actual.context, expected.context), 5e-6F) << seq_len << ' ' << unattended;
      }
}

TEST(AttentionHead, GivesUnattendedTokensARowAndAColumnOfZeros) {
  const Case item = Case(20, 8).leave_unattended(3);
  const Case::Result actual = item.run(attention_head, 20);
  for (std::size_t query = 0; query < 20; ++query) {
    const float* row = actual.weights.data() + query * 20;
    EXPECT_NEAR(std::accumulate(row, row + 17, 0.0), 1.0, 1e-6);
    EXPECT_EQ(std::vector<float>(row + 17, row + 20), std::vector<float>(3, 0.0F));
  }
}

TEST(AttentionHead, HasTheSameBitsForAttendedTokensWithAndWithoutUnattendedOnes) {
  for (const std::int64_t attended : {1, 4, 15, 16, 17, 63, 64, 90}) {
    const Case::Result alone = Case(attended, 16).run(attention_head, 16);
    Case longer = Case(attended + 2, 16);
    const Case::Result with = longer.leave_unattended(2).run(attention_head, 16);
    for (std::int64_t query = 0; query < attended; ++query) {
      ASSERT_EQ(
          std::memcmp(with.weights.data() + query * (attended + 2), alone.weights.data() + query * attended,
                      static_cast<std::size_t>(attended) * sizeof(float)),
          0);
      ASSERT_EQ(std::memcmp(with.context.data() + query * 18 + 1, alone.context.data() + query * 18 + 1,
                            16 * sizeof(float)),
                0);
    }
  }
}

TEST(AttentionContext, DoesNotReadTheWeightsOfUnattendedTokens) {
  const Case item = Case(37, 33).leave_unattended(5);
  Case::Result result = item.run(attention_head, 37);
  const std::vector<float> expected = result.context;
  for (std::size_t i = 0; i < 37 * 37; ++i)
    if (i % 37 >= 32) result.weights[i] = NAN;
  result.context = item.untouched().context;
  attention_context(item.head(result, Wanted::both), result.weights.data(), 0, 37);
  EXPECT_EQ(result.context, expected);
}

TEST(AttentionHead, StaysADistributionWhenScoresAreInTheHundreds) {
  const Case item(50, 64, 12.0F);  // scores of standard deviation 1150 / 8
  const Case::Result actual = item.run(attention_head, 50);
  for (std::size_t query = 0; query < 50; ++query) {
    double sum = 0.0;
    for (std::size_t key = 0; key < 50; ++key) {
      ASSERT_GE(actual.weights[query * 50 + key], 0.0F);
      sum += static_cast<double>(actual.weights[query * 50 + key]);
    }
    ASSERT_NEAR(sum, 1.0, 1e-6);
  }
}

TEST(AttentionHead, OfASingleTokenIsItsValue) {
  const Case item(1, 20);
  const Case::Result actual = item.run(attention_head, 1);
  EXPECT_EQ(actual.weights[0], 1.0F);
  EXPECT_EQ(actual.context, item.run(attention_head_plain, 1).context);
}

TEST(AttentionHead, OfNoTokensDoesNothing) {
  attention_head(AttentionHead{}, 0, 0, nullptr);
  attention_context(AttentionHead{}, nullptr, 0, 0);
}

}  // namespace
}  // namespace attnscope::kernels
