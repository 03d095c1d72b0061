// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cstdlib>

#include "kernels/kernels.h"

namespace attnscope::kernels {
namespace {

TEST(InstructionSet, IsOneThatTheKernelsAreCompiledFor) {
  EXPECT_THAT(instruction_set(),
              testing::AnyOf(testing::StrEq("AVX3"), testing::StrEq("AVX2"), testing::StrEq("SSE4"),
                             testing::StrEq("NEON"), testing::StrEq("SCALAR")));
}

TEST(InstructionSet, IsTheOneThatTheEnvironmentForces) {
  const char* wanted = std::getenv("ATTNSCOPE_ISA");
  if (wanted == nullptr) GTEST_SKIP() << "ATTNSCOPE_ISA is not set";
  if (std::string(wanted) != instruction_set()) GTEST_SKIP() << "this processor has no " << wanted;
  // The dispatched code itself, not only its name: padding of a row of scores shows the length of a vector.
  const std::int64_t floats_per_key = attention_scratch_floats(1, 1);
  if (std::string(wanted) == "SCALAR") {
    EXPECT_EQ(floats_per_key, attention_scratch_floats(2, 1) / 2);
  } else {
    EXPECT_LT(attention_scratch_floats(2, 1), 2 * floats_per_key);
  }
}

}  // namespace
}  // namespace attnscope::kernels
