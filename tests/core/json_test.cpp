// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ctime>
#include <random>
#include <string>

#include "core/json_syntax.h"

namespace attnscope {
namespace {

JsonValue parse(std::string_view text) {
  JsonResult result = parse_json(text);
  if (!result.value) throw std::runtime_error(result.problem->what);
  return std::move(*result.value);
}

JsonProblem problem_of(std::string_view text) {
  const JsonResult result = parse_json(text);
  EXPECT_FALSE(result.value.has_value()) << text;
  return result.problem.value_or(JsonProblem{});
}

TEST(Json, EveryKindOfValueIsReadWithItsOffset) {
  const JsonValue root = parse(R"( {"a": null, "b": [true, -7, 2.5, "x\u00e9\n"], "c": {}} )");

  ASSERT_TRUE(root.is_object());
  EXPECT_EQ(root.offset(), 1U);
  EXPECT_TRUE(root.find("a")->is_null());
  const auto& items = root.find("b")->items();
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(items[0].as_bool(), true);
  EXPECT_EQ(items[1].as_int(), -7);
  EXPECT_EQ(items[1].as_uint(), std::nullopt);
  EXPECT_EQ(items[2].as_double(), 2.5);
  EXPECT_EQ(items[2].as_int(), std::nullopt);
  EXPECT_EQ(*items[3].as_string(), "x\xC3\xA9\n");
  EXPECT_EQ(items[1].offset(), 25U);
  EXPECT_EQ(root.members()[2].key, "c");
  EXPECT_EQ(root.members()[2].key_offset, 48U);
  EXPECT_EQ(root.find("d"), nullptr);
}

TEST(Json, NestedContainersKeepTheirOrder) {
  const JsonValue root = parse(R"([[1, [2]], {"k": [{"l": 3}], "m": 4}, 5])");

  ASSERT_EQ(root.items().size(), 3U);
  EXPECT_EQ(root.items()[0].items()[1].items()[0].as_int(), 2);
  EXPECT_EQ(root.items()[1].find("k")->items()[0].find("l")->as_int(), 3);
  EXPECT_EQ(root.items()[1].find("m")->as_int(), 4);
  EXPECT_EQ(root.items()[2].as_int(), 5);
}

TEST(Json, ALoneScalarIsADocument) {
  EXPECT_EQ(parse(" -12 ").as_int(), -12);
  EXPECT_EQ(parse("true").as_bool(), true);
  EXPECT_TRUE(parse("null\n").is_null());
  EXPECT_EQ(*parse(R"("a\tb")").as_string(), "a\tb");
}

TEST(Json, NumbersAtTheEdgesOfTheirTypes) {
  EXPECT_EQ(parse("9223372036854775807").as_int(), INT64_MAX);
  EXPECT_EQ(parse("-9223372036854775808").as_int(), INT64_MIN);
  EXPECT_EQ(parse("9223372036854775808").as_int(), std::nullopt);
  EXPECT_EQ(parse("18446744073709551615").as_uint(), UINT64_MAX);
  EXPECT_EQ(parse("18446744073709551616").as_uint(), std::nullopt);
  EXPECT_EQ(parse("18446744073709551616").as_double(), 18446744073709551616.0);
  EXPECT_EQ(parse("[1e3]").items()[0].as_int(), std::nullopt);
  EXPECT_EQ(parse("[5e-324]").items()[0].as_double(), 5e-324);
}

TEST(Json, MinusZeroIsANumberAndNoInteger) {
  const JsonValue zero = parse("[-0]").items()[0];
  EXPECT_EQ(zero.as_int(), std::nullopt);
  EXPECT_TRUE(std::signbit(zero.as_double().value()));
}

TEST(Json, ANumberBeyondDoubleIsRefusedWhereItStands) {
  EXPECT_EQ(problem_of(R"({"a": [1, 1e999]})").offset, 10U);
  EXPECT_EQ(problem_of("1e999").offset, 0U);
}

struct BadText {
  std::string text;
  std::uint64_t offset;
};

class JsonSyntax : public testing::TestWithParam<BadText> {};

TEST_P(JsonSyntax, IsRefusedAtTheBadByte) {
  const JsonProblem problem = problem_of(GetParam().text);
  EXPECT_EQ(problem.kind, JsonProblem::Kind::syntax) << problem.what;
  EXPECT_EQ(problem.offset, GetParam().offset) << GetParam().text << ": " << problem.what;
}

INSTANTIATE_TEST_SUITE_P(
    Cases, JsonSyntax,
    testing::Values(BadText{"", 0}, BadText{"  ", 2}, BadText{"x", 0}, BadText{"{} {}", 3}, BadText{"{}x", 2},
                    BadText{"[1,]", 3}, BadText{"[1 2]", 3}, BadText{"[,1]", 1}, BadText{R"({"a":1,})", 7},
                    BadText{R"({"a" 1})", 5}, BadText{R"({"a":1 "b":2})", 7}, BadText{"{a:1}", 1},
                    BadText{R"({1:2})", 1}, BadText{"[1", 2}, BadText{R"({"a":)", 5}, BadText{R"(["abc)", 1},
                    BadText{"[01]", 2}, BadText{"[+1]", 1}, BadText{"[1.]", 1}, BadText{"[.5]", 1},
                    BadText{"[1e]", 1}, BadText{"[--1]", 1}, BadText{"[NaN]", 1}, BadText{"[nul]", 1},
                    BadText{"[truex]", 5}, BadText{"[\"a\nb\"]", 3}, BadText{R"(["a\x"])", 3},
                    BadText{R"(["\u12g4"])", 6}, BadText{R"(["\ud800"])", 2}, BadText{R"(["\udc00"])", 2},
                    BadText{R"(["\ud800\ud800"])", 2}, BadText{R"({"\udfff":1})", 2}, BadText{"1 2", 2},
                    BadText{"[1]]", 3}, BadText{"[1}", 2}, BadText{"{\"a\":1]", 6},
                    BadText{"\xEF\xBB\xBF{}", 0}, BadText{"// c\n{}", 0}, BadText{"['a']", 1},
                    BadText{std::string("{}\0", 3), 2}, BadText{std::string("[\"a\0\"]", 6), 3},
                    BadText{"[\"\\", 2}, BadText{"[\f1]", 1}));

TEST(Json, ASurrogatePairIsOneCharacter) {
  EXPECT_EQ(*parse(R"("\ud83d\ude00")").as_string(), "\xF0\x9F\x98\x80");
}

TEST(Json, InvalidUtf8IsRefusedAtItsByte) {
  for (const char* bad : {"\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    const JsonProblem problem = problem_of(fmt::format("{{\"key of some length{}\":1}}", bad));
    EXPECT_EQ(problem.kind, JsonProblem::Kind::utf8);
    EXPECT_EQ(problem.offset, 20U);
  }
}

TEST(Json, ADuplicateKeyIsReportedWithBothOffsets) {
  const JsonProblem problem = problem_of(R"({"o": {"b": 1, "a": 2, "b": 3}})");
  EXPECT_EQ(problem.kind, JsonProblem::Kind::duplicate_key);
  EXPECT_EQ(problem.first_offset, 7U);
  EXPECT_EQ(problem.offset, 23U);
  EXPECT_EQ(problem.pointer, "/o/b");
}

TEST(Json, ADuplicateKeyIsFoundThroughEscapes) {
  const JsonProblem problem = problem_of(R"({"abc": 1, "\u0061bc": 2})");
  EXPECT_EQ(problem.kind, JsonProblem::Kind::duplicate_key);
  EXPECT_EQ(problem.first_offset, 1U);
  EXPECT_EQ(problem.offset, 11U);
}

TEST(Json, TheSameKeyInDifferentObjectsIsFine) {
  EXPECT_EQ(parse(R"({"a": {"a": {"a": 1}}, "b": {"a": 2}})").members().size(), 2U);
}

TEST(Json, DepthIsLimitedAndNamed) {
  EXPECT_TRUE(parse_json(std::string(128, '[') + std::string(128, ']')).value.has_value());
  const JsonProblem problem = problem_of(std::string(129, '[') + std::string(129, ']'));
  EXPECT_EQ(problem.kind, JsonProblem::Kind::depth);
  EXPECT_EQ(problem.offset, 128U);
}

TEST(Json, TwoHundredThousandBracketsDoNotGrowTheStack) {
  EXPECT_EQ(problem_of(std::string(200'000, '[')).kind, JsonProblem::Kind::depth);
  EXPECT_EQ(problem_of(std::string(200'000, '[') + std::string(200'000, ']')).kind, JsonProblem::Kind::depth);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_EQ(problem_of(objects).kind, JsonProblem::Kind::depth);
}

TEST(Json, OffsetsCountFromTheStartOfTheFile) {
  JsonLimits limits;
  limits.first_offset = 8;
  EXPECT_EQ(parse_json("[1]", limits).value->items()[0].offset(), 9U);
  EXPECT_EQ(parse_json("[1,]", limits).problem->offset, 11U);
  EXPECT_EQ(parse_json("[\"\xFF\"]", limits).problem->offset, 10U);
  EXPECT_EQ(parse_json(R"({"a":1,"a":1})", limits).problem->offset, 15U);
}

TEST(Json, AFileMayStartWithAByteOrderMark) {
  const JsonValue root = parse_json_file("\xEF\xBB\xBF{\"a\": 1}", "config.json", "CFG");
  EXPECT_EQ(root.find("a")->offset(), 9U);
}

TEST(Json, AFileErrorCarriesCodeOffsetAndPointer) {
  try {
    (void)parse_json_file("\xEF\xBB\xBF{\"a\": 1,}", "config.json", "CFG");
    FAIL() << "no error";
  } catch (const CheckpointError& error) {
    EXPECT_EQ(error.code(), "CFG_JSON");
    EXPECT_EQ(error.info().offset, 11U);
    EXPECT_EQ(error.info().file, "config.json");
    EXPECT_EQ(error.exit_code(), 3);
  }
}

TEST(Json, PointersEscapeSlashAndTilde) {
  EXPECT_EQ(json_pointer("/a", "b/c~d"), "/a/b~1c~0d");
  EXPECT_EQ(json_pointer("", std::size_t{7}), "/7");
}

std::string mutate(std::string text, std::mt19937& random) {
  const std::string_view pool = "{}[]\",:\\ \n0123456789.eE+-truefalsn/u\x01";
  for (auto changes = random() % 3 + 1; changes > 0; --changes) {
    const std::size_t at = random() % text.size();
    const char byte = pool[random() % pool.size()];
    switch (random() % 4) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1);
        break;
      default:
        text.resize(at);
        break;
    }
    if (text.empty()) text.assign(1, ' ');
  }
  return text;
}

// The fast walker and the plain reader of the grammar are two programs: they have to agree on every text.
TEST(Json, TheWalkerAcceptsExactlyWhatTheGrammarAccepts) {
  const std::string seeds[] = {R"({"a": [1, -2.5e3, "x\n\u00e9", true], "b": {"c": null, "d": [], "e": {}}})",
                               R"([[0, "\ud83d\ude00"], {"k": false}, 18446744073709551616, ""])",
                               R"("text\\")", "-12.5e-3"};
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 200'000; ++round) {
    const std::string text = mutate(seeds[random() % std::size(seeds)], random);
    const JsonResult result = parse_json(text);
    if (result.problem && result.problem->kind == JsonProblem::Kind::duplicate_key) continue;
    const auto syntax = find_json_syntax_problem(text, {});
    ASSERT_EQ(result.value.has_value(), !syntax.has_value()) << text;
    if (!syntax) continue;
    ASSERT_EQ(result.problem->offset, syntax->offset) << text;
    ++refused;
  }
  EXPECT_GT(refused, 100'000);
}

TEST(Json, AVocabularyOfThirtyThousandTokensTakesUnderSixtyMilliseconds) {
  std::string text = R"({"model": {"type": "WordPiece", "vocab": {)";
  for (int i = 0; i < 30'522; ++i) text += fmt::format("{}\"##token{}\": {}", i == 0 ? "" : ", ", i, i);
  text += "}}}";
  (void)parse(text);
  const std::clock_t start = std::clock();  // processor time: other programs on the machine do not count
  const JsonValue root = parse(text);
  const double taken_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  RecordProperty("taken_ms", std::to_string(taken_ms));

  EXPECT_EQ(root.find("model")->find("vocab")->members().size(), 30'522U);
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__)
  EXPECT_LT(taken_ms, 60);
#endif
}

}  // namespace
}  // namespace attnscope
