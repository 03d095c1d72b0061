// SPDX-License-Identifier: Apache-2.0
//
// What is made of rows of weights while they are in cache equals the plain loops on the same rows.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/kernels.h"
#include "kernels/random_floats.h"

namespace attnscope::kernels {
namespace {

/// One head of `seq_len` tokens and memory for everything that can be made of its weights.
class Case {
 public:
  struct Result {
    std::vector<float> weights, statistics, received, top_weights;
    std::vector<std::int64_t> top_keys;
    bool finite = true;
    bool operator==(const Result&) const = default;
  };

  Case(std::int64_t seq_len, std::int64_t num_keys, float scale = 1.0F)
      : seq_len_(seq_len),
        num_keys_(num_keys),
        query_(test::random_floats(seq_len * kDim, 1, scale)),
        key_(test::random_floats(seq_len * kDim, 2, scale)) {
    for (std::int64_t token = 0; token < seq_len; token += 3) cls_.push_back(token);
    sep_ = {seq_len - 1};
  }

  std::vector<std::int64_t> rows;       // as AttentionOutputs
  std::vector<std::int64_t> positions;  // as AttentionOutputs
  Combine combine = Combine::store;

  [[nodiscard]] Result room() const {
    const auto n = static_cast<std::size_t>(seq_len_);
    const auto top = static_cast<std::size_t>(num_top());
    return {std::vector<float>(n * n, 0.125F), std::vector<float>(n * kRowStatistics, -1.0F),
            std::vector<float>(n, 0.5F), std::vector<float>(n * top, -1.0F),
            std::vector<std::int64_t>(n * top, -1)};
  }

  [[nodiscard]] AttentionOutputs outputs(Result& result) const {
    AttentionOutputs outputs;
    outputs.rows = rows.empty() ? nullptr : rows.data();
    outputs.positions = positions.empty() ? nullptr : positions.data();
    outputs.weights = result.weights.data();
    outputs.combine = combine;
    outputs.scale = 0.25F;
    for (int i = 0; i < kRowStatistics; ++i) outputs.statistics[i] = result.statistics.data() + i * seq_len_;
    outputs.cls = {cls_.data(), static_cast<std::int64_t>(cls_.size())};
    outputs.sep = {sep_.data(), 1};
    outputs.received = result.received.data();
    outputs.num_top = num_top();
    outputs.top_weights = result.top_weights.data();
    outputs.top_keys = result.top_keys.data();
    return outputs;
  }

  [[nodiscard]] Result run(decltype(attention_head)* kernel, std::int64_t block) const {
    Result result = room();
    AttentionHead head;
    head.query = query_.data();
    head.key = key_.data();
    head.query_stride = head.key_stride = kDim;
    head.seq_len = seq_len_;
    head.num_keys = num_keys_;
    head.head_dim = kDim;
    head.scaling = 0.5F;
    head.outputs = outputs(result);
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_floats(seq_len_, kDim)), NAN);
    for (std::int64_t first = 0; first < seq_len_; first += block)
      result.finite = kernel(head, first, std::min(first + block, seq_len_), scratch.data()) && result.finite;
    return result;
  }

  [[nodiscard]] std::int64_t num_top() const { return std::min<std::int64_t>(5, num_keys_); }
  [[nodiscard]] std::int64_t seq_len() const { return seq_len_; }

 private:
  static constexpr std::int64_t kDim = 8;
  std::int64_t seq_len_, num_keys_;
  std::vector<float> query_, key_;
  std::vector<std::int64_t> cls_, sep_;
};

void expect_near(const std::vector<float>& a, const std::vector<float>& b, float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    ASSERT_NEAR(a[i], b[i], tolerance * std::max(1.0F, std::abs(b[i]))) << i;
}

void expect_near(const Case::Result& actual, const Case::Result& expected, float factor = 1.0F) {
  expect_near(actual.weights, expected.weights, 2e-6F * factor);
  expect_near(actual.statistics, expected.statistics, 3e-6F * factor);
  expect_near(actual.received, expected.received, 3e-6F * factor);
  expect_near(actual.top_weights, expected.top_weights, 2e-6F * factor);
  // Weights below the smallest normal float are 0 in the kernel: their order is not defined.
  for (std::size_t i = 0; i < actual.top_keys.size(); ++i) {
    if (actual.top_weights[i] == 0.0F) continue;
    EXPECT_EQ(actual.top_keys[i], expected.top_keys[i]) << i;
  }
  EXPECT_EQ(actual.finite, expected.finite);
}

const std::vector<std::int64_t> kLengths{1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 100, 129};

TEST(AttentionOutputs, EqualThePlainLoops) {
  for (const std::int64_t length : kLengths)
    for (const Combine combine : {Combine::store, Combine::add, Combine::maximum}) {
      Case item(length, std::max<std::int64_t>(1, length - 2));
      item.combine = combine;
      SCOPED_TRACE(length);
      expect_near(item.run(attention_head, 16), item.run(attention_head_plain, length));
    }
}

TEST(AttentionOutputs, OfSharpRowsEqualThePlainLoops) {
  const Case item(60, 60, 9.0F);  // scores of standard deviation 115
  expect_near(item.run(attention_head, 16), item.run(attention_head_plain, 60), 10.0F);
}

TEST(AttentionOutputs, GoToTheRowsThatAreChosenAndLeaveTheOthers) {
  Case item(20, 20);
  item.rows.assign(20, -1);
  item.rows[7] = 0;
  item.rows[3] = 1;
  const Case::Result actual = item.run(attention_head, 20);
  expect_near(actual, item.run(attention_head_plain, 20));
  EXPECT_EQ(std::vector<float>(actual.weights.begin() + 40, actual.weights.end()),
            std::vector<float>(360, 0.125F));
  item.rows.clear();
  const Case::Result all = item.run(attention_head, 20);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(actual.weights[i], all.weights[7 * 20 + i]);
  for (int which = 0; which < kRowStatistics; ++which)
    EXPECT_EQ(actual.statistics[static_cast<std::size_t>(which * 20 + 1)],
              all.statistics[static_cast<std::size_t>(which * 20 + 3)]);
}

TEST(AttentionOutputs, CountFromTheTokensThatTheQueriesAre) {
  Case item(9, 9);
  for (std::int64_t i = 0; i < 9; ++i) item.positions.push_back(8 - i);
  expect_near(item.run(attention_head, 4), item.run(attention_head_plain, 9));
}

TEST(AttentionOutputs, OfGivenWeightsHaveTheSameBitsButForTheEntropy) {
  for (const std::int64_t length : kLengths) {
    const Case item(length, length);
    Case::Result made = item.run(attention_head, 16);
    Case::Result given = item.room();
    std::vector<float> scratch(static_cast<std::size_t>(attention_scratch_floats(length, 1)), NAN);
    given.finite = put_weights(made.weights.data(), length, item.outputs(given), 0, length, scratch.data());
    Case::Result plain = item.room();
    plain.finite = put_weights_plain(made.weights.data(), length, item.outputs(plain), 0, length);
    expect_near(given, plain);
    for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i) {
      EXPECT_NEAR(made.statistics[i], given.statistics[i], 1e-6F * std::max(1.0F, given.statistics[i]));
      made.statistics[i] = given.statistics[i];
    }
    EXPECT_EQ(made, given) << length;
  }
}

TEST(AttentionOutputs, TellOfNaN) {
  Case::Result result = Case(9, 9, INFINITY).run(attention_head, 9);
  EXPECT_FALSE(result.finite);
}

TEST(AttentionOutputs, KnowWhatAnalyticRowsGive) {
  const std::int64_t n = 16;
  std::vector<float> uniform(static_cast<std::size_t>(n * n), 1.0F / 16.0F);
  const Case item(n, n);
  Case::Result result = item.room();
  put_weights_plain(uniform.data(), n, item.outputs(result), 0, n);
  EXPECT_NEAR(result.statistics[0], std::log(16.0F), 1e-6F);  // entropy
  EXPECT_FLOAT_EQ(result.statistics[16], 1.0F / 16.0F);       // max
  EXPECT_FLOAT_EQ(result.statistics[32], 7.5F);               // distance of token 0
  EXPECT_FLOAT_EQ(result.statistics[48], 1.0F / 16.0F);       // self
  EXPECT_FLOAT_EQ(result.statistics[64], 0.0F);               // previous of token 0
  EXPECT_FLOAT_EQ(result.statistics[5 * 16 + 15], 0.0F);      // next of the last token
  EXPECT_FLOAT_EQ(result.statistics[6 * 16], 6.0F / 16.0F);   // the six tokens that Case calls [CLS]
  EXPECT_FLOAT_EQ(result.received[3], 0.5F + 1.0F);
  EXPECT_EQ(result.top_keys[1], 1);  // of equal weights the earlier key
}

}  // namespace
}  // namespace attnscope::kernels
