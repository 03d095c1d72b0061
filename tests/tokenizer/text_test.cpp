// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <thread>

#include "json_model.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_support::error_of;
using testing_support::JsonModel;

#if defined(__SANITIZE_ADDRESS__)
constexpr double kPatienceSeconds = 60;
#else
constexpr double kPatienceSeconds = 2;
#endif

/// A tokenizer with [CLS] and [SEP] around the text, both special.
Tokenizer bert() {
  JsonModel model;
  model.post_processor = R"({"type":"BertProcessing","cls":["[CLS]",1],"sep":["[SEP]",2]})";
  model.added_tokens = testing_support::json_array({testing_support::added_token(1, "[CLS]", "special"),
                                                    testing_support::added_token(2, "[SEP]", "special")});
  return model.load();
}

Encoding encode_in_time(const Tokenizer& tokenizer, std::string_view text) {
  const std::clock_t begin = std::clock();  // processor time: the machine may be busy with other things
  Encoding encoding = tokenizer.encode(text);
  EXPECT_LE(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC, kPatienceSeconds);
  return encoding;
}

TEST(Text, Row51BadUtf8IsRefusedWithTheByte) {
  const std::pair<const char*, std::uint64_t> cases[] = {
      {"ab\x80", 2}, {"\xC0\xAF", 0}, {"a\xED\xA0\x80", 1}, {"\xF4\x90\x80\x80", 0}, {"abc\xE2\x82", 3}};
  for (const auto& [text, offset] : cases) {
    const ErrorInfo error = error_of([&, given = text] { (void)bert().encode(given); });
    EXPECT_EQ(error.code, "TEXT_UTF8");
    EXPECT_EQ(error.kind, ErrorKind::input);
    EXPECT_EQ(error.offset, offset) << text;
  }
}

TEST(Text, Row51ReplacedBytesAreDroppedAndOffsetsStayThoseOfTheText) {
  const Encoding encoding = bert().encode("a\xE1\x80 \xFF b\xFF", {.invalid_utf8 = InvalidUtf8::replace});
  EXPECT_THAT(encoding.input_ids, ElementsAre(1, 3, 4, 2));
  EXPECT_EQ(encoding.offsets[1], (Span{0, 1}));
  EXPECT_EQ(encoding.offsets[2], (Span{6, 7}));
}

TEST(Text, Row52RemovedCharactersLeaveTheOffsetsInTheOriginalBytes) {
  using namespace std::string_view_literals;
  const Encoding encoding = bert().encode("\0\u200Ba\u0001b\u202E b"sv);
  EXPECT_THAT(encoding.tokens, ElementsAre("[CLS]", "a", "##b", "b", "[SEP]"));
  EXPECT_EQ(encoding.offsets[1], (Span{4, 5}));
  EXPECT_EQ(encoding.offsets[2], (Span{6, 7}));
  EXPECT_EQ(encoding.offsets[3], (Span{11, 12}));
}

TEST(Text, Row53EmptyAndBlankTextsAreTheTwoSpecialTokens) {
  for (const char* const text : {"", "  \t\r\n\u3000", "\uFEFF"}) {
    EXPECT_THAT(bert().encode(text).input_ids, ElementsAre(1, 2)) << text;
  }
  EXPECT_THAT(bert().encode("", {.add_special_tokens = false}).input_ids, IsEmpty());
}

TEST(Text, Row53SpecialTokensTypedInTheTextAreSpecialTokens) {
  const Encoding encoding = bert().encode("[CLS][SEP]");
  EXPECT_THAT(encoding.input_ids, ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(encoding.special_tokens_mask, ElementsAre(1, 0, 0, 1));
  EXPECT_EQ(encoding.offsets[2], (Span{5, 10}));
}

TEST(Text, Row54TenMegabytesOnOneLineTakeAtMostTwoSeconds) {
  std::string text;
  while (text.size() < 10'000'000) text += "the quick brown fox jumps over a lazy dog ";
  EXPECT_EQ(encode_in_time(bert(), text).offsets.size(), 2 + 9 * (text.size() / 42));
}

TEST(Text, Row54TenMegabytesWithoutABlankAreOneUnknownToken) {
  const Encoding encoding = encode_in_time(bert(), std::string(10'000'000, 'b'));
  EXPECT_THAT(encoding.input_ids, ElementsAre(1, 0, 2));
  EXPECT_EQ(encoding.offsets[1], (Span{0, 10'000'000}));
}

TEST(Text, Row54AMillionMarksOnALetterTakeAtMostTwoSeconds) {
  std::string text = "a";
  for (int i = 0; i < 500'000; ++i) text += "\u0301\u0316";
  EXPECT_THAT(encode_in_time(bert(), text).input_ids, ElementsAre(1, 3, 2));
  JsonModel cased;
  cased.normalizer =
      R"({"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":false,"lowercase":true})";
  EXPECT_THAT(encode_in_time(cased.load(), text).input_ids, ElementsAre(0));
}

TEST(Text, Row57ExpandingCharactersKeepTheirSource) {
  const Encoding encoding = bert().encode("İb");
  EXPECT_EQ(encoding.offsets[1], (Span{0, 3}));
  JsonModel model;
  model.normalizer = R"({"type":"Lowercase"})";
  model.vocab = "{\"[UNK]\":0,\"i\":1,\"##\u0307\":2,\"##b\":3}";
  const Encoding pieces = model.load().encode("İb");
  EXPECT_THAT(pieces.input_ids, ElementsAre(1, 2, 3));
  EXPECT_EQ(pieces.offsets[0], (Span{0, 2}));
  EXPECT_EQ(pieces.offsets[1], (Span{0, 2}));
  EXPECT_EQ(pieces.offsets[2], (Span{2, 3}));
}

TEST(Text, Row59APairWithAnEmptySecondTextKeepsItsSeparators) {
  const Encoding encoding = bert().encode_pair("a", "");
  EXPECT_THAT(encoding.input_ids, ElementsAre(1, 3, 2, 2));
  EXPECT_THAT(encoding.token_type_ids, ElementsAre(0, 0, 0, 1));
}

TEST(Text, Row59APairIsTruncatedOnlyWhenAskedTheLongestTextFirst) {
  EXPECT_EQ(bert().encode_pair("a a a a a a", "b b").size(), 11U);
  const Encoding encoding = bert().encode_pair("a a a a a a", "b b", {.max_length = 7});
  EXPECT_THAT(encoding.input_ids, ElementsAre(1, 3, 3, 2, 4, 4, 2));
  EXPECT_EQ(encoding.sequence_ids[5], 1);
  EXPECT_EQ(error_of([] { (void)bert().encode_pair("a", "b", {.max_length = 2}); }).code, "TOK_TRUNC");
}

TEST(Text, Row55WindowsShareTokensAndKeepPlacesOfTheWholeText) {
  const std::vector<Encoding> windows = bert().encode_windows("a b a bb b", 5, 1);
  ASSERT_EQ(windows.size(), 3U);
  EXPECT_THAT(windows[0].input_ids, ElementsAre(1, 3, 4, 3, 2));
  EXPECT_THAT(windows[1].input_ids, ElementsAre(1, 3, 4, 5, 2));
  EXPECT_THAT(windows[2].input_ids, ElementsAre(1, 5, 4, 2));
  EXPECT_EQ(windows[2].word_ids[1], 3);
  EXPECT_EQ(windows[2].offsets[1], (Span{7, 8}));
  EXPECT_THAT(windows[2].special_tokens_mask, ElementsAre(1, 0, 0, 1));
}

TEST(Text, Row55ATextThatFitsIsOneWindowEqualToItsEncoding) {
  const std::vector<Encoding> windows = bert().encode_windows("a b a", 5, 2);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_EQ(windows[0].input_ids, bert().encode("a b a").input_ids);
  EXPECT_EQ(bert().encode_windows("", 5, 2).size(), 1U);
}

TEST(Text, Row55WindowsWithoutRoomAreRefused) {
  const std::pair<std::int64_t, std::int64_t> cases[] = {{5, 3}, {5, 100}, {5, -1}, {2, 0}, {1, 0}, {-1, 0}};
  for (const auto& [max_length, stride] : cases) {
    const ErrorInfo error = error_of(
        [&, length = max_length, shared = stride] { (void)bert().encode_windows("a", length, shared); });
    EXPECT_EQ(error.code, "TOK_TRUNC") << max_length << ' ' << stride;
    EXPECT_EQ(error.kind, ErrorKind::usage) << max_length << ' ' << stride;
  }
}

// The wheel gives the second and later windows type 0 whatever the template says.
TEST(Text, Row55EveryWindowHasTheTokenTypesOfTheTemplate) {
  JsonModel model;
  const std::string pieces =
      R"([{"SpecialToken":{"id":"[CLS]","type_id":3}},{"Sequence":{"id":"A","type_id":5}}])";
  model.post_processor = R"({"type":"TemplateProcessing","single":)" + pieces + R"(,"pair":)" + pieces +
                         R"(,"special_tokens":{"[CLS]":{"id":"[CLS]","ids":[1],"tokens":["[CLS]"]}}})";
  for (const Encoding& window : model.load().encode_windows("a b a b", 3, 0)) {
    EXPECT_THAT(window.token_type_ids, ElementsAre(3, 5, 5));
  }
}

TEST(Text, Row55BadUtf8IsRefusedWithTheByteInWindowsToo) {
  EXPECT_EQ(error_of([] { (void)bert().encode_windows("a a a a\x80", 4, 1); }).offset, 7U);
}

TEST(Text, WordsAreTheSameOverAllChunksOfALongText) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "ab e\u0301 a\t漢 ";
  const Encoding encoding = bert().encode(text, {.add_special_tokens = false});
  ASSERT_EQ(encoding.size(), 5000U * 5);
  EXPECT_EQ(encoding.word_ids.back(), 5000 * 4 - 1);
  EXPECT_EQ(encoding.offsets.back().end, static_cast<std::int64_t>(text.size()) - 1);
}

TEST(Text, OneTokenizerServesManyThreads) {
  const Tokenizer tokenizer = bert();
  const Encoding expected = tokenizer.encode("a bb É ab [SEP]");
  std::vector<std::thread> threads;
  std::vector<std::vector<std::int64_t>> ids(8);
  for (auto& result : ids) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) result = tokenizer.encode("a bb É ab [SEP]").input_ids;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : ids) EXPECT_EQ(result, expected.input_ids);
}

}  // namespace
}  // namespace attnscope
