// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <thread>

#include "kernels/kernels.h"
#include "kernels/random_floats.h"
#include "nn/allocations.h"
#include "nn/threads.h"

namespace attnscope::nn {
namespace {

Tensor matrix(std::int64_t rows, std::int64_t columns, unsigned seed) {
  return Tensor::of({rows, columns}, test::random_floats(rows * columns, seed));
}

// To bf16 and back.
float rounded(float value) {
  std::uint16_t half = 0;
  kernels::f32_to_bf16_plain(&value, &half, 1);
  kernels::bf16_to_f32_plain(&half, &value, 1);
  return value;
}

struct Case {
  Case(std::int64_t in_width, std::int64_t out_width, Precision the_precision = Precision::fp32,
       bool with_bias = true)
      : in(in_width),
        out(out_width),
        weight(matrix(out, in, 1)),
        bias(with_bias ? Tensor::of({out}, test::random_floats(out, 2)) : Tensor()),
        precision(the_precision),
        product(weight, bias, precision) {}

  // Rows [first, first + rows) of the input by one call.
  [[nodiscard]] std::vector<float> run(const std::vector<float>& input, std::int64_t first,
                                       std::int64_t rows) const {
    std::vector<float> output(static_cast<std::size_t>(rows * out), NAN);
    product(input.data() + first * in, in, rows, output.data(), out);
    return output;
  }

  // What the precision multiplies in place of a number.
  [[nodiscard]] double operand(float value) const {
    return static_cast<double>(precision == Precision::bf16 ? rounded(value) : value);
  }

  [[nodiscard]] double expected(const std::vector<float>& input, std::int64_t row,
                                std::int64_t column) const {
    double sum = bias.empty() ? 0.0 : static_cast<double>(bias.at({column}));
    for (std::int64_t k = 0; k < in; ++k)
      sum += operand(input[static_cast<std::size_t>(row * in + k)]) * operand(weight.f32()[column * in + k]);
    return sum;
  }

  std::int64_t in;
  std::int64_t out;
  Tensor weight;
  Tensor bias;
  Precision precision;
  Product product;
};

class ProductIn : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Precisions, ProductIn, testing::Values(Precision::fp32, Precision::bf16),
                         [](const auto& param_info) { return name(param_info.param); });

constexpr std::int64_t kRows = 600;

// Every bit of a call with some rows against the call with all of them.
void expect_bits_of_whole(const Case& item, const std::vector<float>& input, const std::vector<float>& whole,
                          std::int64_t first, std::int64_t rows) {
  const std::vector<float> part = item.run(input, first, rows);
  ASSERT_EQ(std::memcmp(part.data(), whole.data() + first * item.out, part.size() * sizeof(float)), 0)
      << item.in << " to " << item.out << ", rows " << first << " to " << first + rows;
}

// The first call is one of few rows, which finds the weight unpacked.
void expect_rows_to_be_independent(std::int64_t in, std::int64_t out, Precision precision) {
  const Case item(in, out, precision);
  const std::vector<float> input = test::random_floats(kRows * in, 3);
  const std::vector<float> first = item.run(input, 0, 13);
  const std::vector<float> whole = item.run(input, 0, kRows);
  ASSERT_EQ(std::memcmp(first.data(), whole.data(), first.size() * sizeof(float)), 0)
      << in << " to " << out << ", first call";
  for (const std::int64_t rows : {1, 2, 3, 7, 9, 16, 17, 33, 64, 127, 511}) {
    expect_bits_of_whole(item, input, whole, kRows - rows, rows);
  }
}

const std::vector<std::int64_t> kWidths{1, 3, 8, 17, 20, 48, 64, 100, 240};

TEST_P(ProductIn, HasTheSameBitsForARowWhateverTheNumberOfRows) {
  for (const std::int64_t in : kWidths)
    for (const std::int64_t out : kWidths)
      ASSERT_NO_FATAL_FAILURE(expect_rows_to_be_independent(in, out, GetParam()));
}

TEST_P(ProductIn, HasTheSameBitsForARowAtTheWidthsOfDistilBert) {
  ASSERT_NO_FATAL_FAILURE(expect_rows_to_be_independent(768, 768, GetParam()));
  ASSERT_NO_FATAL_FAILURE(expect_rows_to_be_independent(768, 3072, GetParam()));
  ASSERT_NO_FATAL_FAILURE(expect_rows_to_be_independent(3072, 768, GetParam()));
}

TEST_P(ProductIn, HasTheSameBitsForEveryNumberOfRows) {
  const Case item(96, 40, GetParam());
  const std::vector<float> input = test::random_floats(kRows * 96, 3);
  const std::vector<float> whole = item.run(input, 0, kRows);
  for (std::int64_t rows = 1; rows <= kRows; ++rows)
    ASSERT_NO_FATAL_FAILURE(expect_bits_of_whole(item, input, whole, 0, rows));
}

TEST_P(ProductIn, HasTheSameBitsForOneAndTwoThreads) {
  for (const auto& [in, out] :
       {std::pair<std::int64_t, std::int64_t>{768, 3072}, {3072, 768}, {33, 100}, {240, 17}}) {
    const Case item(in, out, GetParam());
    const std::vector<float> input = test::random_floats(kRows * in, 3);
    std::vector<float> two;
    {
      const ThreadCount threads(2);
      two = item.run(input, 0, kRows);
    }
    const ThreadCount threads(1);
    for (const std::int64_t rows : {1, 9, 128, 600}) expect_bits_of_whole(item, input, two, 0, rows);
  }
}

TEST_P(ProductIn, IsAsExactAsSinglePrecisionAllows) {
  for (const auto& [in, out] :
       {std::pair<std::int64_t, std::int64_t>{768, 768}, {3072, 64}, {1, 1}, {7, 13}}) {
    const Case item(in, out, GetParam());
    const std::vector<float> input = test::random_floats(21 * in, 3);
    const std::vector<float> actual = item.run(input, 0, 21);
    const double tolerance = 2e-7 * static_cast<double>(in) + 2e-6;
    for (std::int64_t i = 0; i < 21 * out; ++i)
      ASSERT_NEAR(static_cast<double>(actual[static_cast<std::size_t>(i)]),
                  item.expected(input, i / out, i % out), tolerance);
  }
}

TEST_P(ProductIn, WorksWithoutABias) {
  const Case item(20, 30, GetParam(), false);
  const std::vector<float> input = test::random_floats(20, 3);
  const std::vector<float> actual = item.run(input, 0, 1);
  for (std::int64_t column = 0; column < 30; ++column)
    EXPECT_NEAR(static_cast<double>(actual[static_cast<std::size_t>(column)]),
                item.expected(input, 0, column), 1e-5);
}

// Rows are embedded in wider matrices of NaN, which must neither leak in nor be overwritten.
TEST_P(ProductIn, KeepsToItsRowsAndColumns) {
  for (const std::int64_t rows : {1, 3, 17, 70})
    for (const std::int64_t in : {9, 64})
      for (const std::int64_t out : {7, 48}) {
        const Case item(in, out, GetParam());
        const std::vector<float> dense = test::random_floats(rows * in, 3);
        std::vector<float> input(static_cast<std::size_t>((rows + 2) * (in + 3)), NAN);
        std::vector<float> output(static_cast<std::size_t>((rows + 2) * (out + 5)), -7.0F);
        for (std::int64_t i = 0; i < rows * in; ++i)
          input[static_cast<std::size_t>((1 + i / in) * (in + 3) + i % in)] =
              dense[static_cast<std::size_t>(i)];
        item.product(input.data() + in + 3, in + 3, rows, output.data() + out + 5, out + 5);
        const std::vector<float> expected = item.run(dense, 0, rows);
        for (std::int64_t i = 0; i < (rows + 2) * (out + 5); ++i) {
          const std::int64_t row = i / (out + 5) - 1;
          const std::int64_t column = i % (out + 5);
          const bool inside = row >= 0 && row < rows && column < out;
          ASSERT_EQ(output[static_cast<std::size_t>(i)],
                    inside ? expected[static_cast<std::size_t>(row * out + column)] : -7.0F);
        }
      }
}

TEST_P(ProductIn, MayBeUsedFirstByManyThreadsAtOnce) {
  const Case item(64, 96, GetParam());
  const std::vector<float> input = test::random_floats(50 * 64, 3);
  std::vector<std::vector<float>> outputs(8);
  std::vector<std::thread> threads;
  for (std::vector<float>& output : outputs) threads.emplace_back([&] { output = item.run(input, 0, 50); });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<float>& output : outputs) EXPECT_EQ(output, outputs[0]);
}

// Some rows and columns, in the memory of all; the rest keeps its -7.
void expect_part_of_whole(const Case& item, const std::vector<std::int64_t>& list,
                          const std::vector<ColumnRange>& columns) {
  constexpr std::int64_t kCount = 150;
  const std::vector<float> input = test::random_floats(kCount * item.in, 3);
  const std::vector<float> whole = item.run(input, 0, kCount);
  std::vector<float> part(whole.size(), -7.0F);
  item.product(
      {input.data(), item.in, static_cast<std::int64_t>(list.size()), part.data(), item.out, list.data()},
      columns);
  for (std::int64_t i = 0; i < kCount * item.out; ++i) {
    const bool has_row = std::find(list.begin(), list.end(), i / item.out) != list.end();
    const bool has_column = std::any_of(columns.begin(), columns.end(), [&](const ColumnRange& range) {
      return i % item.out >= range.first && i % item.out < range.last;
    });
    const auto index = static_cast<std::size_t>(i);
    ASSERT_EQ(part[index], has_row && has_column ? whole[index] : -7.0F)
        << item.in << " to " << item.out << ", row " << i / item.out << ", column " << i % item.out;
  }
}

TEST_P(ProductIn, HasTheSameBitsForSomeRowsAndColumns) {
  const std::vector<std::int64_t> some{3, 0, 149, 77};
  std::vector<std::int64_t> many;
  for (std::int64_t row = 0; row < 150; row += 2) many.push_back(row);
  for (const std::int64_t in : {20, 64, 768})
    for (const std::int64_t head : {1, 8, 20, 32, 64}) {
      const Case item(in, 12 * head, GetParam());
      for (const auto& list : {some, many}) {
        expect_part_of_whole(item, list, {{3 * head, 4 * head}});
        expect_part_of_whole(item, list, {{5 * head, 6 * head}, {0, head}, {head, 2 * head}});
        expect_part_of_whole(item, list, {{0, 12 * head}});
        expect_part_of_whole(item, list, {});
      }
    }
}

TEST_P(ProductIn, ComputesSomeColumnsOfAllRows) {
  const Case item(64, 96, GetParam());
  const std::vector<float> input = test::random_floats(70 * 64, 3);
  const std::vector<float> whole = item.run(input, 0, 70);
  std::vector<float> part(whole.size(), -7.0F);
  const ColumnRange columns{32, 64};
  item.product({input.data(), 64, 70, part.data(), 96}, {&columns, 1});
  for (std::size_t i = 0; i < part.size(); ++i) ASSERT_EQ(part[i], i % 96 / 32 == 1 ? whole[i] : -7.0F) << i;
}

// The weight of a product that nobody else holds.
TEST_P(ProductIn, GivesItsWeightBackWhenOnlyThePackedOneIsLeft) {
  const std::vector<float> input = test::random_floats(30 * 768, 3);
  for (const auto& [in, out] :
       {std::pair<std::int64_t, std::int64_t>{768, 96}, {64, 64}, {20, 48}, {33, 130}, {1, 17}}) {
    Case item(in, out, GetParam());
    const Tensor copy = item.weight.view().own();
    const std::weak_ptr<const void> rows = item.weight.owner();
    item.weight = Tensor();
    EXPECT_FALSE(rows.expired());
    const std::vector<float> whole = item.run(input, 0, 30);
    for (int call = 0; call < 2; ++call) EXPECT_EQ(item.run(input, 0, 30), whole);
    EXPECT_EQ(rows.expired(), GetParam() == Precision::fp32) << "bf16 cannot be unpacked to fp32";

    const Tensor weight = item.product.weight()();
    EXPECT_EQ(std::memcmp(weight.f32(), copy.f32(), static_cast<std::size_t>(in * out) * sizeof(float)), 0);
    const ColumnRange columns{out / 2, out};
    std::vector<float> part(whole.size(), 0.0F);
    item.product({input.data(), in, 30, part.data(), out}, {&columns, 1});
    for (std::int64_t i = 0; i < 30 * out; ++i)
      ASSERT_EQ(part[static_cast<std::size_t>(i)],
                i % out < out / 2 ? 0.0F : whole[static_cast<std::size_t>(i)]);
  }
}

// oneDNN 2.6 makes 7 allocations of its own in each call; ours are none.
TEST_P(ProductIn, AllocatesNothingOfItsOwnOnceWarm) {
  constexpr int kOfTheLibrary = 8;
  const Case item(96, 64, GetParam());
  const std::vector<float> input = test::random_floats(9 * 96, 3);
  std::vector<float> output(9 * 64);
  const ColumnRange columns{16, 32};
  const auto multiply = [&] {
    item.product(input.data(), 96, 9, output.data(), 64);
    item.product({input.data(), 96, 9, output.data(), 64}, {&columns, 1});
  };
  for (int call = 0; call < 3; ++call) multiply();
  const int before = test::allocations();
  multiply();
  EXPECT_LE(test::allocations() - before, 2 * kOfTheLibrary);
}

TEST(Product, OfNoRowsDoesNothing) {
  const Case item(4, 4);
  item.product(nullptr, 4, 0, nullptr, 4);
}

TEST(Product, NamesItsLibrary) { EXPECT_EQ(std::string(product_library()).rfind("oneDNN ", 0), 0U); }

}  // namespace
}  // namespace attnscope::nn
