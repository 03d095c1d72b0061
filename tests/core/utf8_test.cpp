// SPDX-License-Identifier: Apache-2.0
#include "core/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace attnscope {
namespace {

TEST(Utf8, EveryScalarIsEncodedAndDecodedAgain) {
  for (char32_t scalar = 0; scalar <= 0x10FFFF; ++scalar) {
    if (scalar == 0xD800) scalar = 0xE000;
    std::string text;
    append_utf8(text, scalar);
    const Utf8Char decoded = decode_utf8(text, 0);
    ASSERT_EQ(decoded.scalar, scalar);
    ASSERT_EQ(static_cast<std::size_t>(decoded.length), text.size());
    ASSERT_EQ(find_invalid_utf8(text), std::nullopt);
  }
}

TEST(Utf8, InvalidSequencesHaveLengthZero) {
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFE", "\xFF", "\xC3", "\xE2\x82",
        "\xF0\x9F\x98", "\xC3(", "\xE2(\xA1", "\xF0\x9F(\x8C"}) {
    EXPECT_EQ(decode_utf8(bad, 0).length, 0) << bad;
    EXPECT_EQ(find_invalid_utf8(std::string("1234567\xC3\xA9") + bad), 9U) << bad;
  }
}

TEST(Utf8, TheFirstInvalidByteIsFoundAtEveryPosition) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    text[at] = '\xFF';
    EXPECT_EQ(find_invalid_utf8(text), at);
  }
}

TEST(Utf8, ASequenceCutByTheEndOfTheViewIsInvalid) {
  const std::string text = "ab\xE2\x82\xAC";
  EXPECT_EQ(find_invalid_utf8(std::string_view(text).substr(0, 4)), 2U);
  EXPECT_EQ(find_invalid_utf8(text), std::nullopt);
  EXPECT_EQ(find_invalid_utf8(""), std::nullopt);
}

}  // namespace
}  // namespace attnscope
