// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numeric>

#include "kernels/kernels.h"

namespace attnscope::kernels {
namespace {

std::vector<std::uint16_t> every_pattern() {
  std::vector<std::uint16_t> patterns(65536);
  std::iota(patterns.begin(), patterns.end(), std::uint16_t{0});
  return patterns;
}

using Convert = void (*)(const std::uint16_t*, float*, std::int64_t);

void expect_equal_on_every_pattern(Convert convert, Convert plain) {
  const std::vector<std::uint16_t> source = every_pattern();
  std::vector<float> actual(source.size());
  std::vector<float> expected(source.size());
  convert(source.data(), actual.data(), 65536);
  plain(source.data(), expected.data(), 65536);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (std::isnan(expected[i])) {
      ASSERT_TRUE(std::isnan(actual[i])) << i;
    } else {
      ASSERT_EQ(std::memcmp(&actual[i], &expected[i], sizeof(float)), 0) << i << ": " << actual[i];
    }
  }
}

TEST(Convert, EveryHalfFloatBecomesItsExactValue) {
  expect_equal_on_every_pattern(f16_to_f32, f16_to_f32_plain);
}

TEST(Convert, EveryBrainFloatBecomesItsExactValue) {
  expect_equal_on_every_pattern(bf16_to_f32, bf16_to_f32_plain);
}

TEST(Convert, KnownHalfFloatsHaveTheirValues) {
  const std::vector<std::uint16_t> source{0x3C00, 0xC000, 0x0001, 0x03FF, 0x0400,
                                          0x7BFF, 0x7C00, 0xFC00, 0x8000};
  const std::vector<float> expected{1.0F,     -2.0F,     0x1p-24F, 1023 * 0x1p-24F, 0x1p-14F, 65504.0F,
                                    INFINITY, -INFINITY, -0.0F};
  std::vector<float> actual(source.size());
  f16_to_f32(source.data(), actual.data(), static_cast<std::int64_t>(source.size()));
  EXPECT_EQ(actual, expected);
}

TEST(Convert, WritesNoMoreThanCountValues) {
  const std::vector<std::uint16_t> source(40, 0x3C00);
  for (std::int64_t count = 0; count < 40; ++count) {
    std::vector<float> output(41, -7.0F);
    f16_to_f32(source.data(), output.data(), count);
    ASSERT_EQ(output[static_cast<std::size_t>(count)], -7.0F);
    ASSERT_EQ(std::accumulate(output.begin(), output.begin() + count, 0.0F), static_cast<float>(count));
  }
}

}  // namespace
}  // namespace attnscope::kernels
