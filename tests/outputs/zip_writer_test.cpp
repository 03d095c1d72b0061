// SPDX-License-Identifier: Apache-2.0
#include "outputs/zip_writer.h"

#include <gtest/gtest.h>

#include "outputs/test_folder.h"

namespace attnscope {
namespace {

class ZipWriterTest : public TestFolder {
 protected:
  std::string zip_of(int entries) {
    AtomicFile file(path("a.zip"));
    ZipWriter zip(file);
    for (int index = 0; index < entries; ++index) zip.add(std::to_string(index), "head", "data", 4);
    zip.finish();
    file.commit();
    return content(path("a.zip"));
  }
};

constexpr std::string_view kZip64End{"PK\x06\x06", 4};

TEST_F(ZipWriterTest, StoresHeadAndDataOneAfterTheOther) {
  const std::string zip = zip_of(1);
  EXPECT_EQ(zip.substr(0, 4), std::string("PK\x03\x04"));
  EXPECT_NE(zip.find("0headdata"), std::string::npos);
  EXPECT_EQ(zip.find(kZip64End), std::string::npos);
}

TEST_F(ZipWriterTest, CountsBeyond16BitsInZip64) {
  EXPECT_NE(zip_of(65'535).find(kZip64End), std::string::npos);
  EXPECT_EQ(zip_of(65'534).find(kZip64End), std::string::npos);
}

}  // namespace
}  // namespace attnscope
