// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "kernels/kernels.h"
#include "kernels/random_floats.h"

namespace attnscope::kernels {
namespace {

TEST(GatherRows, CopiesTheRowsOfTheIds) {
  const std::int64_t width = 37;
  const std::vector<float> table = test::random_floats(5 * width, 1);
  const std::vector<std::int64_t> ids{4, 0, 4, 2};
  std::vector<float> output(ids.size() * width);
  gather_rows(table.data(), ids.data(), 4, width, output.data());
  for (std::size_t row = 0; row < ids.size(); ++row)
    for (std::size_t i = 0; i < width; ++i)
      ASSERT_EQ(output[row * width + i], table[static_cast<std::size_t>(ids[row]) * width + i]);
}

}  // namespace
}  // namespace attnscope::kernels
