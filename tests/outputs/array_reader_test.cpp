// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>

#include "attnscope/error.h"
#include "attnscope/outputs.h"
#include "test_folder.h"

namespace attnscope {
namespace {

class ArrayReader : public TestFolder {
 protected:
  std::string written(const std::string& name) const {
    write_arrays(
        path(name),
        {NamedArray::of("attentions", Tensor::of({2, 1, 2}, std::vector<float>{0.5F, -1.0F, 0.0F, 3.25F})),
         NamedArray::of("layers", Tensor::of({2}, std::vector<std::int64_t>{0, -5})),
         NamedArray::of("scalar", Tensor(Shape{})), NamedArray::of("none", Tensor(Shape{0, 2})),
         NamedArray::of("tokens", std::vector<std::string>{"[CLS]", "", "caf\xC3\xA9", "a\"b"})},
        {{"model", "demo"}, {"edits", "[{\"a\":1}]"}});
    return path(name);
  }

  std::string code_of(const std::string& bytes, const std::string& name = "bad.npz") const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    try {
      static_cast<void>(read_arrays(path(name)));
    } catch (const CheckpointError& error) {
      EXPECT_EQ(error.info().file, path(name));
      return error.code();
    }
    return "read";
  }
};

TEST_F(ArrayReader, ReadsBackWhatIsWritten) {
  for (const char* name : {"a.npz", "a.safetensors"}) {
    const ArrayContents contents = read_arrays(written(name));
    const NamedArray* const weights = contents.find("attentions");
    ASSERT_NE(weights, nullptr) << name;
    EXPECT_EQ(weights->tensor.shape(), (Shape{2, 1, 2}));
    EXPECT_EQ(weights->tensor.at({1, 0, 1}), 3.25F);
    EXPECT_EQ(contents.find("layers")->tensor.i64()[1], -5);
    EXPECT_EQ(contents.find("scalar")->tensor.count(), 1);
    EXPECT_EQ(contents.find("none")->tensor.count(), 0);
    EXPECT_EQ(contents.find("tokens")->strings,
              (std::vector<std::string>{"[CLS]", "", "caf\xC3\xA9", "a\"b"}));
    EXPECT_EQ(contents.metadata.at("model"), "demo");
    EXPECT_EQ(contents.metadata.at("edits"), "[{\"a\":1}]");
    EXPECT_EQ(contents.find("absent"), nullptr);
  }
}

TEST_F(ArrayReader, EveryCutOffFileIsRefused) {
  const std::string bytes = content(written("a.npz"));
  for (std::size_t length = 0; length < bytes.size(); length += 7)
    EXPECT_EQ(code_of(bytes.substr(0, length)), "ZIP") << length;
}

TEST_F(ArrayReader, EveryChangedByteOfTheDataIsNoticed) {
  const std::string bytes = content(written("a.npz"));
  const std::size_t data = bytes.find("\x93NUMPY");
  for (std::size_t at = data; at < data + 100; ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_EQ(code_of(changed), "ZIP") << at;
  }
}

TEST_F(ArrayReader, NoByteOfTheDirectoryLeadsOutsideOfTheFile) {
  const std::string bytes = content(written("a.npz"));
  for (std::size_t at = bytes.find("PK\x01\x02"); at < bytes.size(); ++at) {
    for (const int value : {0x00, 0x7F, 0xFF}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(value);
      const std::string code = code_of(changed);
      EXPECT_TRUE(code == "ZIP" || code == "NPY" || code == "read" || code.starts_with("METADATA"))
          << at << code;
    }
  }
}

TEST_F(ArrayReader, RefusesOtherEndings) {
  EXPECT_THROW(static_cast<void>(read_arrays(path("a.txt"))), InvalidArgument);
  EXPECT_THROW(static_cast<void>(read_arrays(path("absent.npz"))), StorageError);
}

}  // namespace
}  // namespace attnscope
