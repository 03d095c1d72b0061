// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
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

// Every bf16 number, its neighbours in F32, the middles between two and the neighbours of those.
std::vector<float> floats_around_brain_floats() {
  std::vector<float> values;
  for (std::uint32_t upper = 0; upper < 65536; ++upper)
    for (const std::uint32_t lower : {0x0000U, 0x0001U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU})
      values.push_back(std::bit_cast<float>((upper << 16U) | lower));
  return values;
}

TEST(Convert, FloatsBecomeTheNearestBrainFloat) {
  const std::vector<float> source = floats_around_brain_floats();
  const auto count = static_cast<std::int64_t>(source.size());
  std::vector<std::uint16_t> actual(source.size());
  std::vector<std::uint16_t> expected(source.size());
  f32_to_bf16(source.data(), actual.data(), count);
  f32_to_bf16_plain(source.data(), expected.data(), count);
  for (std::size_t i = 0; i < source.size(); ++i)
    ASSERT_EQ(actual[i], expected[i]) << std::hex << std::bit_cast<std::uint32_t>(source[i]);
}

TEST(Convert, RoundsToTheEvenOneOfTwo) {
  const std::vector<float> source{
      1.0F, 1.0F + 0x1p-8F, 1.0F + 0x3p-8F, 1.0F + 0x1.001p-8F, -INFINITY, 0x1.FFp127F, NAN, -0.0F};
  const std::vector<std::uint16_t> expected{0x3F80, 0x3F80, 0x3F82, 0x3F81, 0xFF80, 0x7F80, 0x7FC0, 0x8000};
  std::vector<std::uint16_t> actual(source.size());
  f32_to_bf16(source.data(), actual.data(), static_cast<std::int64_t>(source.size()));
  EXPECT_EQ(actual, expected);
}

TEST(Convert, WritesNoMoreThanCountBrainFloats) {
  const std::vector<float> source(40, 1.0F);
  for (std::int64_t count = 0; count < 40; ++count) {
    std::vector<std::uint16_t> output(41, 7);
    f32_to_bf16(source.data(), output.data(), count);
    ASSERT_EQ(output[static_cast<std::size_t>(count)], 7);
    ASSERT_EQ(std::count(output.begin(), output.begin() + count, 0x3F80), count);
  }
}

}  // namespace
}  // namespace attnscope::kernels
