// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/shards.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "checkpoint/safetensors_builder.h"
#include "core/temporary_directory.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

constexpr const char* kIndex = "model.safetensors.index.json";

std::string index_of(std::string_view weight_map, std::string_view metadata = "{}") {
  return fmt::format(R"({{"metadata":{},"weight_map":{{{}}}}})", metadata, weight_map);
}

void write_two_shards(const TemporaryDirectory& directory) {
  directory.write("model-1.safetensors", SafetensorsBuilder().add("a", {2}, {1, 2}).bytes());
  directory.write("model-2.safetensors", SafetensorsBuilder().add("b", {1}, {3}).bytes());
}

constexpr const char* kTwoShards = R"("a":"model-1.safetensors","b":"model-2.safetensors")";

ErrorInfo refusal_in(const TemporaryDirectory& directory) {
  return error_of([&] { (void)open_shards(directory.path(""), Sharing::anybody); });
}

ErrorInfo refusal_of_index(const std::string& index) {
  const TemporaryDirectory directory;
  write_two_shards(directory);
  directory.write(kIndex, index);
  return refusal_in(directory);
}

TEST(Shards, AllShardsOfAnIndexAreOpened) {
  const TemporaryDirectory directory;
  write_two_shards(directory);
  for (const char* metadata : {"{}", R"({"total_size":12})", R"({"total_size":12.0})"}) {
    directory.write(kIndex, index_of(kTwoShards, metadata));
    const auto shards = open_shards(directory.path(""), Sharing::anybody);
    ASSERT_EQ(shards.size(), 2U);
    EXPECT_NE(shards[0].find("a"), nullptr);
    EXPECT_NE(shards[1].find("b"), nullptr);
  }
}

TEST(Shards, Row27_NamesThatAreNoFileOfTheDirectoryAreRefused) {
  for (const char* name : {"../x", "/etc/passwd", "sub/x", "..", ".", "", "a\\\\..\\\\b", "x\\u0000y"}) {
    const ErrorInfo error = refusal_of_index(index_of(fmt::format(R"("a":"{}")", name)));
    EXPECT_EQ(error.code, "INDEX_NAME") << name;
    EXPECT_EQ(error.field, "/weight_map/a");
    EXPECT_EQ(error.kind, ErrorKind::input);
  }
}

TEST(Shards, Row27_AMissingShardIsNamed) {
  const ErrorInfo error = refusal_of_index(index_of(R"("a":"model-9.safetensors")"));
  EXPECT_EQ(error.code, "INDEX_MISSING");
  EXPECT_THAT(error.what, HasSubstr("model-9.safetensors"));
}

TEST(Shards, Row27_ALinkOutOfTheDirectoryIsRefused) {
  const TemporaryDirectory outside;
  const std::string target = outside.write("x.safetensors", SafetensorsBuilder().add("a", {1}, {1}).bytes());
  const TemporaryDirectory directory;
  std::filesystem::create_symlink(target, directory.path("link.safetensors"));
  directory.write(kIndex, index_of(R"("a":"link.safetensors")"));
  EXPECT_EQ(refusal_in(directory).code, "INDEX_NAME");
}

TEST(Shards, Row27_LinksFromASnapshotIntoItsBlobsAreFollowed) {
  const TemporaryDirectory cache;
  cache.write("models--o--n/blobs/abc", SafetensorsBuilder().add("a", {1}, {1}).bytes());
  cache.write(std::string("models--o--n/snapshots/rev/") + kIndex, index_of(R"("a":"m.safetensors")"));
  std::filesystem::create_symlink("../../blobs/abc", cache.path("models--o--n/snapshots/rev/m.safetensors"));
  EXPECT_EQ(open_shards(cache.path("models--o--n/snapshots/rev"), Sharing::nobody).size(), 1U);

  cache.write("models--o--other/blobs/abc", "x");
  const std::string planted = cache.path("models--o--n/snapshots/rev/m.safetensors");
  std::filesystem::remove(planted);
  std::filesystem::create_symlink(cache.path("models--o--other/blobs/abc"), planted);
  EXPECT_EQ(
      error_of([&] { (void)open_shards(cache.path("models--o--n/snapshots/rev"), Sharing::nobody); }).code,
      "INDEX_NAME");
}

TEST(Shards, Row27_ATensorInTwoShardsIsRefusedWithBothFiles) {
  const TemporaryDirectory directory;
  write_two_shards(directory);
  directory.write("model-2.safetensors", SafetensorsBuilder().add("b", {1}, {3}).add("a", {1}, {4}).bytes());
  directory.write(kIndex, index_of(kTwoShards));
  const ErrorInfo error = refusal_in(directory);
  EXPECT_EQ(error.code, "INDEX_DUPLICATE");
  EXPECT_EQ(error.field, "/weight_map/a");
  EXPECT_THAT(error.what, testing::AllOf(HasSubstr("model-1"), HasSubstr("model-2")));
}

TEST(Shards, Row27_ATensorThatIsNotInItsShardIsNamed) {
  const ErrorInfo error =
      refusal_of_index(index_of(R"("a":"model-1.safetensors","b":"model-1.safetensors")"));
  EXPECT_EQ(error.code, "INDEX_TENSOR");
  EXPECT_EQ(error.field, "/weight_map/b");
}

TEST(Shards, Row27_AWrongTotalSizeIsRefusedWithBothNumbers) {
  const ErrorInfo error = refusal_of_index(index_of(kTwoShards, R"({"total_size":13})"));
  EXPECT_EQ(error.code, "INDEX_SIZE");
  EXPECT_THAT(error.what, testing::AllOf(HasSubstr("13"), HasSubstr("12")));
  EXPECT_EQ(refusal_of_index(index_of(kTwoShards, R"({"total_size":"12"})")).code, "INDEX_SIZE");
}

TEST(Shards, Row27_AnIndexWithoutAMapIsRefused) {
  EXPECT_EQ(refusal_of_index("{}").code, "INDEX_MAP");
  EXPECT_EQ(refusal_of_index("[]").code, "INDEX_MAP");
  EXPECT_EQ(refusal_of_index(index_of("")).code, "INDEX_MAP");
  EXPECT_EQ(refusal_of_index(R"({"weight_map":{"a":7}})").code, "INDEX_MAP");
  EXPECT_EQ(refusal_of_index(R"({"weight_map":{"a":"x","a":"y"}})").code, "DUPLICATE_KEY");
  EXPECT_EQ(refusal_of_index("{").code, "INDEX_JSON");
}

}  // namespace
}  // namespace attnscope
