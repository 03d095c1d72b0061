// SPDX-License-Identifier: Apache-2.0
#include "serve/byte_range.h"

#include <gmock/gmock.h>

namespace attnscope::serve {
namespace {

using Kind = RangeWish::Kind;
constexpr std::size_t kSize = 100;

void expect_part(const char* field, std::size_t begin, std::size_t end) {
  const RangeWish wish = read_range(field, kSize);
  EXPECT_EQ(wish.kind, Kind::part) << field;
  EXPECT_EQ(wish.range.begin, begin) << field;
  EXPECT_EQ(wish.range.end, end) << field;
}

TEST(ByteRange, ReadsFirstAndLastSuffixAndOpenEnd) {
  expect_part("bytes=0-0", 0, 1);
  expect_part("bytes=10-19", 10, 20);
  expect_part("Bytes=99-99", 99, 100);
  expect_part("bytes=90-1000", 90, 100);
  expect_part("bytes=7-", 7, 100);
  expect_part("bytes=-1", 99, 100);
  expect_part("bytes=-1000", 0, 100);
}

TEST(ByteRange, IsImpossibleWhereNothingIs) {
  for (const char* field : {"bytes=100-", "bytes=100-200", "bytes=-0"})
    EXPECT_EQ(read_range(field, kSize).kind, Kind::impossible) << field;
  EXPECT_EQ(read_range("bytes=-1", 0).kind, Kind::impossible);
}

TEST(ByteRange, IsIgnoredWhereItIsNone) {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=0-1,3-4", "items=0-1",
        "bytes=+1-2", "bytes=1--2", "bytes=99999999999999999999-", "bytes=5"})
    EXPECT_EQ(read_range(field, kSize).kind, Kind::whole) << field;
}

TEST(Tags, AreFoundInAListAlsoWeak) {
  EXPECT_TRUE(names_tag("\"a\"", "\"a\""));
  EXPECT_TRUE(names_tag("\"b\", W/\"a\"", "\"a\""));
  EXPECT_FALSE(names_tag("\"b\"", "\"a\""));
  EXPECT_FALSE(names_tag("a", "\"a\""));
  EXPECT_FALSE(names_tag("", "\"a\""));
}

TEST(Coding, IsTakenWhereTheListSaysSo) {
  for (const char* list : {"deflate", "gzip, deflate, br", "Deflate;q=0.5", "*", "gzip;q=0, *;q=0.1"})
    EXPECT_TRUE(takes_coding(list, "deflate")) << list;
  for (const char* list : {"", "gzip", "deflate;q=0", "deflate; q=0.000, *", "*;q=0", "identity"})
    EXPECT_FALSE(takes_coding(list, "deflate")) << list;
}

}  // namespace
}  // namespace attnscope::serve
