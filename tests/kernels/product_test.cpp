// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "kernels/kernels.h"
#include "kernels/random_floats.h"

namespace attnscope::kernels {
namespace {

class Case {
 public:
  Case(std::int64_t in, std::int64_t out)
      : in_(in),
        out_(out),
        weight_(test::random_floats(in * out, 1)),
        bias_(test::random_floats(out, 2)),
        packed_(static_cast<std::size_t>(packed_weight_floats(out, in)), NAN) {
    for (std::int64_t panel = 0; panel < weight_panels(out); ++panel)
      pack_weight(weight_.data(), out, in, panel, packed_.data());
  }

  // Rows of the output, each followed by an untouched -1.
  [[nodiscard]] std::vector<float> run(const std::vector<float>& input, std::int64_t rows,
                                       std::int64_t block) const {
    std::vector<float> output(static_cast<std::size_t>(rows * (out_ + 1)), -1.0F);
    const PackedProduct product{packed_.data(), bias_.data(), in_,           out_,
                                input.data(),   in_,          output.data(), out_ + 1};
    for (std::int64_t first = 0; first < rows; first += block)
      for (std::int64_t panel = 0; panel < weight_panels(out_); ++panel)
        packed_product(product, panel, first, std::min(first + block, rows));
    return output;
  }

  [[nodiscard]] double expected(const std::vector<float>& input, std::int64_t row,
                                std::int64_t column) const {
    double sum = static_cast<double>(bias_[static_cast<std::size_t>(column)]);
    for (std::int64_t k = 0; k < in_; ++k)
      sum += static_cast<double>(input[static_cast<std::size_t>(row * in_ + k)]) *
             weight_[static_cast<std::size_t>(column * in_ + k)];
    return sum;
  }

 private:
  std::int64_t in_, out_;
  std::vector<float> weight_, bias_, packed_;
};

constexpr std::int64_t kRows = 11;

TEST(PackedProduct, EqualsSumsInDoublePrecision) {
  for (const std::int64_t in : {1, 2, 3, 4, 5, 7, 16, 33, 100, 768})
    for (const std::int64_t out : {1, 2, 3, 8, 15, 16, 17, 24, 31, 47, 48, 63, 64, 65, 100, 130}) {
      const Case item(in, out);
      const std::vector<float> input = test::random_floats(kRows * in, 3);
      const std::vector<float> output = item.run(input, kRows, kRows);
      const double tolerance = 3e-7 * static_cast<double>(in) + 1e-6;
      for (std::int64_t row = 0; row < kRows; ++row) {
        for (std::int64_t column = 0; column < out; ++column)
          ASSERT_NEAR(static_cast<double>(output[static_cast<std::size_t>(row * (out + 1) + column)]),
                      item.expected(input, row, column), tolerance)
              << in << ' ' << out;
        ASSERT_EQ(output[static_cast<std::size_t>(row * (out + 1) + out)], -1.0F);
      }
    }
}

double rms_error(std::int64_t in) {
  constexpr std::int64_t kOut = 96;
  const Case item(in, kOut);
  const std::vector<float> input = test::random_floats(kRows * in, 3);
  const std::vector<float> output = item.run(input, kRows, kRows);
  double squares = 0.0;
  for (std::int64_t row = 0; row < kRows; ++row)
    for (std::int64_t column = 0; column < kOut; ++column) {
      const float value = output[static_cast<std::size_t>(row * (kOut + 1) + column)];
      squares += std::pow(static_cast<double>(value) - item.expected(input, row, column), 2);
    }
  return std::sqrt(squares / static_cast<double>(kRows * kOut));
}

// The error of one chain grows with its length, that of many short ones with the root of their number.
TEST(PackedProduct, HasAnErrorThatGrowsWithTheRootOfTheDepth) {
  const std::string isa = instruction_set();
  if (isa == "SSE4" || isa == "SCALAR") GTEST_SKIP() << isa << " adds up in one chain";
  EXPECT_LT(rms_error(3072), 1.6 * std::sqrt(3072.0 / 256.0) * rms_error(256));
}

TEST(PackedProduct, AWeightIsUnpackedToTheSameBits) {
  for (const std::int64_t in : {1, 5, 33})
    for (const std::int64_t out : {1, 8, 17, 48, 63, 130}) {
      const std::vector<float> weight = test::random_floats(in * out, 1);
      std::vector<float> packed(static_cast<std::size_t>(packed_weight_floats(out, in)), NAN);
      std::vector<float> unpacked(weight.size(), NAN);
      for (std::int64_t panel = 0; panel < weight_panels(out); ++panel) {
        pack_weight(weight.data(), out, in, panel, packed.data());
        unpack_weight(packed.data(), out, in, panel, unpacked.data());
      }
      ASSERT_EQ(unpacked, weight) << in << " to " << out;
    }
}

TEST(PackedProduct, HasTheSameBitsHoweverTheRowsAreSplit) {
  for (const std::int64_t out : {5, 48, 100}) {
    const Case item(77, out);
    const std::vector<float> input = test::random_floats(kRows * 77, 3);
    const std::vector<float> whole = item.run(input, kRows, kRows);
    for (const std::int64_t block : {1, 2, 3, 4, 7}) ASSERT_EQ(item.run(input, kRows, block), whole);
  }
}

}  // namespace
}  // namespace attnscope::kernels
