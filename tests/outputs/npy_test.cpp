// SPDX-License-Identifier: Apache-2.0
#include "outputs/npy.h"

#include <gtest/gtest.h>

#include "attnscope/error.h"

namespace attnscope {
namespace {

TEST(Npy, HeaderIsPaddedTo64BytesAndEndsInANewline) {
  for (const auto& shape : {Shape{}, Shape{9}, Shape{6, 12, 512, 512}}) {
    const std::string header = npy_header(Tensor(shape.count() > 100 ? Shape{1} : shape));
    EXPECT_EQ(header.size() % 64, 0U);
    EXPECT_EQ(header.back(), '\n');
  }
}

TEST(Npy, HeaderNamesTypeAndShape) {
  EXPECT_NE(
      npy_header(Tensor(Shape{2, 3})).find("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"),
      std::string::npos);
  EXPECT_NE(npy_header(Tensor(Shape{4}, DType::i64)).find("'<i8', 'fortran_order': False, 'shape': (4,), }"),
            std::string::npos);
}

TEST(Npy, RefusesATypeThatNumpyLacks) {
  EXPECT_THROW(static_cast<void>(npy_header(Tensor(Shape{2}, DType::bf16))), InvalidArgument);
}

TEST(Npy, PadsStringsToTheLongestWithZeros) {
  const NpyStrings strings = npy_strings({"ab", "", "\xC3\xA9"});
  EXPECT_NE(strings.header.find("'<U2'"), std::string::npos);
  EXPECT_EQ(strings.characters, (std::vector<char32_t>{'a', 'b', 0, 0, 0xE9, 0}));
}

}  // namespace
}  // namespace attnscope
