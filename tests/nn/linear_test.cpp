// SPDX-License-Identifier: Apache-2.0
#include "nn/linear.h"

#include <gtest/gtest.h>

#include <cstring>

#include "kernels/random_floats.h"
#include "nn/execution.h"
#include "nn/no_captures.h"

namespace attnscope::nn {
namespace {

Tensor random_tensor(const Shape& shape, unsigned seed) {
  return Tensor::of(shape, test::random_floats(shape.count(), seed));
}

TEST(Linear, PollsWithinALongProductAndKeepsTheBitsOfOneCall) {
  constexpr std::int64_t kWidth = 1024;
  constexpr std::int64_t kRows = 5000;  // 10 GFLOP
  const Tensor weight = random_tensor({kWidth, kWidth}, 1);
  const Tensor bias = random_tensor({kWidth}, 2);
  const Tensor input = random_tensor({kRows, kWidth}, 3);
  Batch batch;
  batch.input_ids.resize(kRows);
  batch.close_text();
  NoCaptures captures;
  const Plan plan;
  int polls = 0;
  RunState state{
      {}, std::make_shared<HookTable>(1), Poll([&] { ++polls; }, std::chrono::milliseconds::zero())};
  Execution run(batch, plan, captures, state);

  const Value output =
      Linear("linear", weight, bias).forward({{Layout::tokens, input.f32(), kWidth}}, run)[0];
  EXPECT_GE(polls, 3);
  std::vector<float> expected(kRows * kWidth);
  Product(weight, bias)(input.f32(), kWidth, kRows, expected.data(), kWidth);
  EXPECT_EQ(std::memcmp(output.f32(), expected.data(), expected.size() * sizeof(float)), 0);
}

TEST(Linear, ComputesSomeRowsAndColumnsWithTheBitsOfAll) {
  constexpr std::int64_t kRows = 40;
  constexpr std::int64_t kHead = 16;
  const Tensor input = random_tensor({kRows, 64}, 3);
  Batch batch;
  batch.input_ids.resize(kRows);
  batch.close_text();
  NoCaptures captures;
  const Plan plan;
  RunState state{{}, std::make_shared<HookTable>(1), {}};
  Execution run(batch, plan, captures, state);
  const Linear linear("linear", random_tensor({4 * kHead, 64}, 1), random_tensor({4 * kHead}, 2));
  const Value hidden_states{Layout::tokens, input.f32(), 64};

  const Value whole = linear.forward({hidden_states}, run)[0];
  const std::vector<ColumnRange> columns{{kHead, 2 * kHead}};
  const std::vector<std::int64_t> rows{39, 2};
  const Value part = linear.forward_part(hidden_states, {columns, rows}, run);
  ASSERT_EQ(part.width, 4 * kHead);
  for (const std::int64_t row : rows)
    EXPECT_EQ(std::memcmp(part.f32() + row * part.width + kHead, whole.f32() + row * part.width + kHead,
                          kHead * sizeof(float)),
              0);
}

}  // namespace
}  // namespace attnscope::nn
