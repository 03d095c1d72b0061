// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "attnscope/error.h"
#include "attnscope/outputs.h"
#include "outputs/test_folder.h"

namespace attnscope {
namespace {

class ArrayFileTest : public TestFolder {
 protected:
  static std::vector<NamedArray> samples() {
    return {NamedArray::of("weights", Tensor::of({2, 2}, std::vector<float>{0, 0.25F, 0.5F, 1})),
            NamedArray::of("ids", Tensor::of({3}, std::vector<std::int64_t>{1, 2, 3})),
            NamedArray::of("tokens", std::vector<std::string>{"a", "b"})};
  }
};

TEST_F(ArrayFileTest, TheSameArraysGiveTheSameBytes) {
  for (const std::string ending : {".npz", ".safetensors"}) {
    write_arrays(path("a" + ending), samples(), {{"model", "m"}});
    write_arrays(path("b" + ending), samples(), {{"model", "m"}});
    EXPECT_EQ(content(path("a" + ending)), content(path("b" + ending)));
    EXPECT_GT(content(path("a" + ending)).size(), 100U);
  }
}

TEST_F(ArrayFileTest, SafetensorsHeaderIsAlignedAndOrdered) {
  write_arrays(path("a.safetensors"), samples(), {{"model", "m"}});
  const std::string bytes = content(path("a.safetensors"));
  const auto header_bytes = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]));
  EXPECT_EQ(header_bytes % 8, 0U);
  const std::string header = bytes.substr(8, header_bytes);
  EXPECT_EQ(header.substr(0, header.find_last_not_of(' ') + 1),
            R"({"__metadata__":{"model":"m","tokens":"[\"a\",\"b\"]"},)"
            R"("ids":{"dtype":"I64","shape":[3],"data_offsets":[0,24]},)"
            R"("weights":{"dtype":"F32","shape":[2,2],"data_offsets":[24,40]}})");
  EXPECT_EQ(bytes.size(), 8 + header_bytes + 40);
}

TEST_F(ArrayFileTest, WithoutCommitThereIsNoFile) {
  { ArrayFile(path("a.npz")).add(samples().front()); }
  EXPECT_EQ(files(), 0U);
}

TEST_F(ArrayFileTest, RefusesAnotherEndingAndTouchesNothing) {
  EXPECT_THROW(check_output_path(path("a.csv")), InvalidArgument);
  EXPECT_THROW(ArrayFile(path("a")), InvalidArgument);
  EXPECT_EQ(files(), 0U);
}

TEST_F(ArrayFileTest, RefusesTwoArraysOfOneName) {
  ArrayFile file(path("a.npz"));
  file.add(samples().front());
  EXPECT_THROW(file.add(samples().front()), InvalidArgument);
}

TEST_F(ArrayFileTest, CheckingThePathLeavesAnOldFileAlone) {
  std::ofstream(path("a.npz")) << "old";
  check_output_path(path("a.npz"));
  EXPECT_EQ(content(path("a.npz")), "old");
  EXPECT_EQ(files(), 1U);
}

}  // namespace
}  // namespace attnscope
