// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <random>

#include "attnscope/checkpoint.h"
#include "checkpoint/memory_use.h"
#include "checkpoint/safetensors_builder.h"
#include "core/temporary_directory.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

std::string one_tensor(std::string_view fields) { return fmt::format(R"({{"w":{{{}}}}})", fields); }

// Processor time: other programs on the machine do not count.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

TEST(Safetensors, ARightFileGivesItsTensorsByName) {
  const SafetensorsFile file = open_bytes(SafetensorsBuilder()
                                              .add("b", {2, 2}, {1, 2, 3, 4})
                                              .add("a", {3}, {5, 6, 7})
                                              .add("ids", "I64", {1, 2}, bytes_of<std::int64_t>({8, 9}))
                                              .bytes());

  ASSERT_EQ(file.entries().size(), 3U);
  EXPECT_EQ(file.entries()[0].name, "b");
  ASSERT_NE(file.find("a"), nullptr);
  EXPECT_EQ(file.find("c"), nullptr);
  EXPECT_EQ(file.tensor(*file.find("b")).at({1, 0}), 3.0F);
  EXPECT_EQ(file.tensor(*file.find("a")).at({2}), 7.0F);
  EXPECT_EQ(file.tensor(*file.find("ids")).i64()[1], 9);
}

TEST(Safetensors, ATensorOutlivesItsFile) {
  Tensor tensor;
  {
    const SafetensorsFile file = open_bytes(SafetensorsBuilder().add("w", {2}, {1, 2}).bytes());
    tensor = file.tensor(*file.find("w"));
  }
  EXPECT_EQ(tensor.at({1}), 2.0F);
}

// Each of 400 KB, whose memory goes with its last user.
TEST(Safetensors, ALargeTensorOutlivesItsFileAndTheTensorsBesideIt) {
  std::vector<float> numbers(100'001);
  std::iota(numbers.begin(), numbers.end(), 1.0F);
  const auto size = static_cast<std::int64_t>(numbers.size());
  const TemporaryDirectory directory;
  const std::string path = directory.write("w", SafetensorsBuilder()
                                                    .add("a", {size}, numbers)
                                                    .add("b", {size}, numbers)
                                                    .add("small", {2}, {1, 2})
                                                    .add("c", {size}, numbers)
                                                    .bytes());
  for (const auto open : {&SafetensorsFile::open, &SafetensorsFile::map}) {
    const auto equal = [&](const Tensor& tensor) {
      return std::equal(numbers.begin(), numbers.end(), tensor.f32());
    };
    std::optional<SafetensorsFile> file = open(path, {});
    Tensor b = file->tensor(*file->find("b"));
    EXPECT_TRUE(equal(b));
    b = Tensor();
    EXPECT_TRUE(equal(file->tensor(*file->find("b")))) << "the file still has it";
    b = file->tensor(*file->find("b"));
    std::optional<Tensor> again = file->tensor(*file->find("b"));
    const Tensor small = file->tensor(*file->find("small"));
    std::optional<Tensor> c = file->tensor(*file->find("c"));
    file.reset();
    c.reset();
    again.reset();
    EXPECT_TRUE(equal(b));
    EXPECT_EQ(small.at({1}), 2.0F);
  }
}

TEST(Safetensors, EntriesAreInTheOrderOfTheirData) {
  const SafetensorsFile file = open_bytes(safetensors_bytes(
      R"({"second":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"first":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
      "xy"));
  EXPECT_EQ(file.entries()[0].name, "first");
  EXPECT_EQ(static_cast<char>(*file.data(*file.find("second"))), 'y');
}

TEST(Safetensors, MetadataIsRead) {
  const SafetensorsFile file = open_bytes(safetensors_bytes(R"({"__metadata__":{"format":"pt","x":"y\n"}})"));
  EXPECT_EQ(file.metadata().at("format"), "pt");
  EXPECT_EQ(file.metadata().at("x"), "y\n");
  EXPECT_TRUE(file.entries().empty());
}

TEST(Safetensors, FieldsThatTheFormatDoesNotKnowAreIgnored) {
  const SafetensorsFile file = open_bytes(safetensors_bytes(
      one_tensor(
          R"("extra":{"shape":[[1]]},"dtype":"U8","shape":[1],"more":[1,{"a":2}],"data_offsets":[0,1])"),
      "x"));
  EXPECT_THAT(file.find("w")->shape, testing::ElementsAre(1));
}

TEST(Safetensors, Row1_AFileShorterThanItsLengthFieldIsRefused) {
  for (const std::size_t size : {0U, 7U}) {
    const ErrorInfo error = refusal_of(std::string(size, '\0'));
    EXPECT_EQ(error.code, "HEADER_SHORT");
    EXPECT_EQ(error.offset, 0U);
    EXPECT_EQ(error.what, fmt::format("{} bytes, need 8", size));
    EXPECT_EQ(error.kind, ErrorKind::input);
  }
}

TEST(Safetensors, Row2_AnEmptyHeaderIsRefused) {
  const ErrorInfo error = refusal_of(safetensors_bytes("", ""));
  EXPECT_EQ(error.code, "HEADER_JSON");
  EXPECT_EQ(error.offset, 8U);
  EXPECT_EQ(error.what, "empty header");
}

TEST(Safetensors, Row3_AHeaderOverTheLimitIsRefusedWithoutAllocation) {
  for (const std::uint64_t declared : {UINT64_MAX, std::uint64_t{100'000'001}}) {
    const std::string bytes = safetensors_bytes("{}", "", declared);
    std::string code;
    const std::size_t growth = peak_growth_bytes([&] { code = refusal_of(bytes).code; });
    EXPECT_EQ(code, "HEADER_LIMIT");
    EXPECT_TRUE(!kMemoryIsMeasurable || growth < std::size_t{1} << 20) << growth;
  }
}

TEST(Safetensors, Row4_AHeaderLongerThanTheFileIsRefused) {
  const ErrorInfo error = refusal_of(safetensors_bytes(std::string(52, ' '), "", 1000));
  EXPECT_EQ(error.code, "HEADER_LENGTH");
  EXPECT_THAT(error.what, HasSubstr("declares 1000 bytes, the file has 60"));
  EXPECT_EQ(refusal_of(safetensors_bytes(R"({"some_na)")).code, "HEADER_JSON");
}

TEST(Safetensors, Row5_InvalidUtf8IsRefusedAtItsByte) {
  for (const char* bad : {"\xFF", "\xC0\xAF", "\xED\xA0\x80"}) {
    const ErrorInfo error = refusal_of(safetensors_bytes(fmt::format("{{\"ab{}\":1}}", bad)));
    EXPECT_EQ(error.code, "HEADER_UTF8");
    EXPECT_EQ(error.offset, 12U);
  }
}

TEST(Safetensors, Row6_WhatIsNotOneJsonObjectIsRefusedAtTheBadByte) {
  struct Case {
    const char* header;
    std::uint64_t offset;
  };
  for (const Case& bad :
       {Case{"not json", 8}, Case{"[]", 8}, Case{"null", 8}, Case{"{}{}", 10}, Case{"{} {}", 11},
        Case{R"({"a":{},})", 16}, Case{"\"text\"", 8}, Case{R"({"a":1})", 13}, Case{"[1]", 8}}) {
    const ErrorInfo error = refusal_of(safetensors_bytes(bad.header));
    EXPECT_EQ(error.code, "HEADER_JSON") << bad.header;
    EXPECT_EQ(error.offset, bad.offset) << bad.header;
  }
}

TEST(Safetensors, Row7_DeepNestingIsRefusedWithoutStack) {
  EXPECT_EQ(refusal_of(safetensors_bytes(std::string(200'000, '['))).code, "HEADER_DEPTH");
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_EQ(refusal_of(safetensors_bytes(deep)).code, "HEADER_DEPTH");
  EXPECT_EQ(refusal_of(safetensors_bytes(one_tensor("\"extra\":" + deep))).code, "HEADER_DEPTH");
}

TEST(Safetensors, Row8_BlanksAroundTheHeaderAreAccepted) {
  const std::string header = one_tensor(R"("dtype":"U8","shape":[1],"data_offsets":[0,1])");
  EXPECT_NE(open_bytes(safetensors_bytes("  \n" + header, "x")).find("w"), nullptr);
  EXPECT_NE(open_bytes(safetensors_bytes(header + " \t ", "x")).find("w"), nullptr);
}

TEST(Safetensors, Row9_DuplicateKeysAreRefusedWithBothOffsets) {
  const std::string tensor = R"({"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
  const std::string twice[] = {fmt::format(R"({{"a":{0},"a":{0}}})", tensor),
                               fmt::format(R"({{"a":{0},"\u0061":{0}}})", tensor),
                               R"({"__metadata__":{},"__metadata__":{}})",
                               one_tensor(R"("dtype":"U8","dtype":"F7","shape":[1],"data_offsets":[0,1])"),
                               one_tensor(R"("dtype":"U8","shape":[1],"shape":[-1],"data_offsets":[0,1])"),
                               R"({"__metadata__":{"k":"1","k":"2"}})"};
  for (const std::string& header : twice)
    EXPECT_EQ(refusal_of(safetensors_bytes(header, "x")).code, "DUPLICATE_KEY");

  const ErrorInfo error = refusal_of(safetensors_bytes(twice[0], "x"));
  EXPECT_EQ(error.offset, 8U + 6 + tensor.size());
  EXPECT_THAT(error.what, HasSubstr("first at byte 9"));
}

TEST(Safetensors, Row10_AnUnknownDTypeIsRefusedByName) {
  const ErrorInfo error =
      refusal_of(safetensors_bytes(one_tensor(R"("dtype":"F7","shape":[1],"data_offsets":[0,4])"), "abcd"));
  EXPECT_EQ(error.code, "DTYPE");
  EXPECT_EQ(error.field, "w");
  EXPECT_THAT(error.what, HasSubstr("F7"));
  EXPECT_EQ(refusal_of(safetensors_bytes(one_tensor(R"("dtype":32,"shape":[],"data_offsets":[0,4])"))).code,
            "DTYPE");
  EXPECT_EQ(refusal_of(safetensors_bytes(one_tensor(R"("shape":[],"data_offsets":[0,4])"))).code, "DTYPE");
}

TEST(Safetensors, Row10_AKnownDTypeThatNothingComputesWithFailsOnlyWhenAskedFor) {
  const SafetensorsFile file = open_bytes(SafetensorsBuilder()
                                              .add("four", "F4", {2}, "x")
                                              .add("six", "F6_E2M3", {4}, "xyz")
                                              .add("eight", "F8_E4M3", {1}, "x")
                                              .add("complex", "C64", {1}, "12345678")
                                              .bytes());
  EXPECT_EQ(file.entries().size(), 4U);
  const ErrorInfo error = error_of([&] { (void)file.tensor(*file.find("four")); });
  EXPECT_EQ(error.code, "DTYPE");
  EXPECT_EQ(error.field, "four");
}

TEST(Safetensors, Row11_ShapesThatAreNoSizesAreRefusedWithTheirPointer) {
  for (const char* size : {"-1", "1.0", "\"2\"", "18446744073709551616", "1e3", "[1]", "null", "-0", "{}"}) {
    const ErrorInfo error = refusal_of(safetensors_bytes(
        one_tensor(fmt::format(R"("dtype":"U8","shape":[1,{}],"data_offsets":[0,1])", size)), "x"));
    EXPECT_EQ(error.code, "SHAPE") << size;
    EXPECT_EQ(error.field, "/w/shape/1") << size;
  }
  EXPECT_EQ(refusal_of(safetensors_bytes(one_tensor(R"("dtype":"U8","shape":4,"data_offsets":[0,4])"))).code,
            "SHAPE");
  EXPECT_EQ(refusal_of(safetensors_bytes(one_tensor(R"("dtype":"U8","data_offsets":[0,4])"))).code, "SHAPE");
}

std::string shape_refusal(std::string_view dtype, std::string_view shape, std::string_view offsets) {
  return refusal_of(safetensors_bytes(one_tensor(fmt::format(R"("dtype":"{}","shape":{},"data_offsets":{})",
                                                             dtype, shape, offsets)),
                                      "abcd"))
      .code;
}

TEST(Safetensors, Row12_AProductThatWrapsToZeroIsRefused) {
  EXPECT_EQ(shape_refusal("F32", "[4294967296,4294967296]", "[0,0]"), "SHAPE_OVERFLOW");
  EXPECT_EQ(shape_refusal("F32", "[4294967296,4294967296,0]", "[0,0]"), "SHAPE_OVERFLOW");
}

TEST(Safetensors, Row13_AProductThatWrapsToFourIsRefused) {
  EXPECT_EQ(shape_refusal("U8", "[4194305,4194305,211106198978564]", "[0,4]"), "SHAPE_OVERFLOW");
}

TEST(Safetensors, Row14_BytesThatWrapAreRefused) {
  EXPECT_EQ(shape_refusal("F32", "[4611686018427387905]", "[0,4]"), "SHAPE_OVERFLOW");
  EXPECT_EQ(shape_refusal("U8", "[9223372036854775808]", "[0,4]"), "SHAPE_OVERFLOW");
}

TEST(Safetensors, Row15_OffsetsThatAreNoRangeInTheDataAreRefused) {
  for (const char* offsets : {"[4,0]", "[0,1000]", "[0]", "[0,1,4]", "[-4,0]", "[0,4.0]", "4", "[]",
                              "[0,\"4\"]", "[0,18446744073709551615]", "[0,[4]]", "[null,4]"})
    EXPECT_EQ(shape_refusal("F32", "[1]", offsets), "OFFSETS") << offsets;
  EXPECT_EQ(refusal_of(safetensors_bytes(one_tensor(R"("dtype":"U8","shape":[4])"))).code, "OFFSETS");
  const ErrorInfo error =
      refusal_of(safetensors_bytes(one_tensor(R"("dtype":"F32","shape":[1],"data_offsets":[8,4])"), "abcd"));
  EXPECT_THAT(error.what, HasSubstr("[8, 4]"));
  EXPECT_EQ(error.field, "w");
}

TEST(Safetensors, Row16_ARangeOfAnotherSizeThanTheShapeIsRefused) {
  const ErrorInfo error =
      refusal_of(safetensors_bytes(one_tensor(R"("dtype":"F32","shape":[4],"data_offsets":[0,4])"), "abcd"));
  EXPECT_EQ(error.code, "SIZE_MISMATCH");
  EXPECT_THAT(error.what, HasSubstr("expects 16 bytes, its range has 4"));
  EXPECT_EQ(shape_refusal("U8", "[3]", "[0,4]"), "SIZE_MISMATCH");
  EXPECT_EQ(shape_refusal("F4", "[3]", "[0,1]"), "SIZE_MISMATCH");
}

std::string two_tensors(std::string_view first_offsets, std::string_view second_offsets) {
  return fmt::format(R"({{"first":{{"dtype":"U8","shape":[4],"data_offsets":{}}},)"
                     R"("second":{{"dtype":"U8","shape":[4],"data_offsets":{}}}}})",
                     first_offsets, second_offsets);
}

TEST(Safetensors, Row17_OverlapAndHoleAreRefusedWithBothNeighbours) {
  const ErrorInfo overlap = refusal_of(safetensors_bytes(two_tensors("[0,4]", "[2,6]"), "abcdef"));
  EXPECT_EQ(overlap.code, "COVERAGE");
  EXPECT_THAT(to_string(overlap),
              testing::AllOf(HasSubstr("first"), HasSubstr("second"), HasSubstr("overlap")));
  const ErrorInfo hole = refusal_of(safetensors_bytes(two_tensors("[6,10]", "[0,4]"), "abcdefghij"));
  EXPECT_EQ(hole.code, "COVERAGE");
  EXPECT_THAT(to_string(hole), testing::AllOf(HasSubstr("first"), HasSubstr("second"), HasSubstr("hole")));
  EXPECT_EQ(shape_refusal("U8", "[2]", "[2,4]"), "COVERAGE");
}

TEST(Safetensors, Row17_ARangeSharedByAHundredThousandNamesIsRefusedQuickly) {
  std::string header = "{";
  for (int i = 0; i < 100'000; ++i)
    header +=
        fmt::format(R"({}"t{}":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})", i == 0 ? "" : ",", i);
  const std::string bytes = safetensors_bytes(header + "}", "abcd");
  EXPECT_LT(seconds_of([&] { EXPECT_EQ(refusal_of(bytes).code, "COVERAGE"); }), 1.0);
}

TEST(Safetensors, Row18_AFileOfAnotherLengthThanTheHeaderSaysIsRefused) {
  const std::string whole = SafetensorsBuilder().add("w", {2}, {1, 2}).bytes();
  const ErrorInfo longer = refusal_of(whole + "PK\5\6");
  EXPECT_EQ(longer.code, "FILE_LENGTH");
  EXPECT_THAT(longer.what, HasSubstr("12 bytes of data, the header describes 8"));
  EXPECT_EQ(refusal_of(whole.substr(0, whole.size() - 2)).code, "FILE_LENGTH");
  EXPECT_EQ(refusal_of(safetensors_bytes("{}", "x")).code, "FILE_LENGTH");
}

TEST(Safetensors, Row19_ScalarsAndEmptyTensorsAreAccepted) {
  const SafetensorsFile file = open_bytes(SafetensorsBuilder()
                                              .add("empty", {0, 3}, {})
                                              .add("scalar", {}, {7})
                                              .add("empty_too", {5, 0}, {})
                                              .bytes());
  EXPECT_EQ(file.tensor(*file.find("empty")).shape(), (Shape{0, 3}));
  EXPECT_EQ(file.tensor(*file.find("scalar")).at({}), 7.0F);
  EXPECT_EQ(file.tensor(*file.find("empty_too")).count(), 0);
}

TEST(Safetensors, Row19_AnEmptyTensorWhoseStridesOverflowIsNeverUsed) {
  const SafetensorsFile file = open_bytes(
      SafetensorsBuilder().add("w", "F32", {0, std::int64_t{1} << 40, std::int64_t{1} << 40}, "").bytes());
  EXPECT_EQ(error_of([&] { (void)file.tensor(*file.find("w")); }).code, "SHAPE");
}

TEST(Safetensors, Row19_ARankOverThirtyTwoIsRefused) {
  const auto bytes_of_rank = [](std::size_t rank) {
    return SafetensorsBuilder().add("w", "U8", std::vector<std::int64_t>(rank, 1), "x").bytes();
  };
  EXPECT_EQ(open_bytes(bytes_of_rank(32)).find("w")->shape.size(), 32U);
  EXPECT_EQ(refusal_of(bytes_of_rank(33)).code, "SHAPE");
  EXPECT_EQ(refusal_of(bytes_of_rank(64)).code, "SHAPE");
  EXPECT_LT(seconds_of([&] { EXPECT_EQ(refusal_of(bytes_of_rank(1'000'000)).code, "SHAPE"); }), 1.0);
}

TEST(Safetensors, Row19_ARankThatTensorsDoNotHaveFailsOnlyWhenAskedFor) {
  const SafetensorsFile file =
      open_bytes(SafetensorsBuilder().add("w", std::vector<std::int64_t>(9, 1), {1}).bytes());
  EXPECT_EQ(error_of([&] { (void)file.tensor(*file.find("w")); }).code, "SHAPE");
}

TEST(Safetensors, Row20_AMisalignedTensorHasTheSameBits) {
  for (std::size_t padding = 0; padding < 8; ++padding) {
    const std::string header =
        one_tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,12])") + std::string(padding, ' ');
    const SafetensorsFile file =
        open_bytes(safetensors_bytes(header, bytes_of<float>({1.5F, -2.25F, 1e-30F})));
    const Tensor tensor = file.tensor(*file.find("w"));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.f32()) % alignof(float), 0U);
    EXPECT_EQ(tensor.at({0}), 1.5F);
    EXPECT_EQ(tensor.at({2}), 1e-30F);
  }
}

std::string header_of_many(int count) {
  std::string header = "{";
  for (int i = 0; i < count; ++i)
    header += fmt::format(R"({}"t{:07}":{{"dtype":"F32","shape":[1],"data_offsets":[{},{}]}})",
                          i == 0 ? "" : ",", i, 4L * i, 4L * i + 4);
  return header + "}";
}

TEST(Safetensors, Row21_AMillionTensorsAreReadWithinFiveSecondsAndEightTimesTheHeader) {
  constexpr int kCount = 1'300'000;  // 95 MB of header
  const std::string header = header_of_many(kCount);
  ASSERT_GT(header.size(), 90'000'000U);
  const auto bytes =
      std::make_shared<const std::string>(safetensors_bytes(header, std::string(4UL * kCount, '\0')));
  double seconds = 0;
  const std::size_t growth = peak_growth_bytes([&] {
    seconds = seconds_of([&] {
      const SafetensorsFile file = SafetensorsFile::from_memory(
          bytes, reinterpret_cast<const std::byte*>(bytes->data()), bytes->size(), "many", {});
      EXPECT_NE(file.find("t0777777"), nullptr);
    });
  });
  RecordProperty("seconds", std::to_string(seconds));
  RecordProperty("growth_bytes", std::to_string(growth));
  if (!kMemoryIsMeasurable) return;
  EXPECT_LT(seconds, 5);
  EXPECT_LT(growth, 8 * header.size());
}

TEST(Safetensors, Row21_TheNumberOfTensorsHasALimitThatCanBeSet) {
  const std::string bytes = safetensors_bytes(header_of_many(3), std::string(12, '\0'));
  SafetensorsOptions options;
  options.max_tensors = 2;
  const ErrorInfo error = error_of([&] { (void)open_bytes(bytes, options); });
  EXPECT_EQ(error.code, "LIMIT_TENSORS");
  EXPECT_EQ(error.kind, ErrorKind::limit);
  options.max_tensors = 3;
  EXPECT_EQ(open_bytes(bytes, options).entries().size(), 3U);
}

TEST(Safetensors, Row22_MetadataHoldsStringsOnly) {
  for (const char* metadata :
       {"null", "7", "[]", R"({"a":1})", R"({"a":null})", R"({"a":{}})", R"({"a":["b"]})"})
    EXPECT_EQ(refusal_of(safetensors_bytes(fmt::format(R"({{"__metadata__":{}}})", metadata))).code,
              "METADATA_TYPE")
        << metadata;
}

TEST(Safetensors, Row22_ALargeMetadataStringIsAccepted) {
  const std::string text(50'000'000, 'x');
  const SafetensorsFile file =
      open_bytes(safetensors_bytes(fmt::format(R"({{"__metadata__":{{"k":"{}"}}}})", text)));
  EXPECT_EQ(file.metadata().at("k").size(), text.size());
}

TEST(Safetensors, Row23_NonFiniteWeightsLoadAndAreFound) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const SafetensorsFile file =
      open_bytes(SafetensorsBuilder()
                     .add("fine", {2, 2}, {1, 3e38F, 0, -1})
                     .add("nan", {2, 2}, {1, 2, 3, nan})
                     .add("infinity", {2}, {-infinity, 2})
                     .add("half", "F16", {3}, bytes_of<std::uint16_t>({0x7BFF, 0xFC00, 0x7E00}))
                     .add("brain", "BF16", {2}, bytes_of<std::uint16_t>({0x7F7F, 0x7FC0}))
                     .add("ids", "I64", {1}, bytes_of<std::int64_t>({-1}))
                     .bytes());
  const auto finding = [&](const char* name) {
    const Tensor tensor = file.tensor(*file.find(name));
    return find_non_finite(tensor.view());
  };
  EXPECT_EQ(finding("fine"), std::nullopt);
  EXPECT_EQ(finding("nan"), 3);
  EXPECT_EQ(finding("infinity"), 0);
  EXPECT_EQ(finding("half"), 1);
  EXPECT_EQ(finding("brain"), 1);
  EXPECT_EQ(finding("ids"), std::nullopt);
}

TEST(Safetensors, Row23_ANonFiniteElementIsFoundFarBackAndInViews) {
  std::vector<float> values(100'000, 1.0F);
  values[98'765] = std::numeric_limits<float>::infinity();
  const Tensor tensor = Tensor::of({100, 1000}, values);
  EXPECT_EQ(find_non_finite(tensor.view()), 98'765);
  EXPECT_EQ(find_non_finite(tensor.view().select(1, 765)), 98);
}

void read_all(const Tensor& tensor) { (void)find_non_finite(tensor.view()); }

// The validator is the only way in: whatever a mutation does, a file that opens has all its bytes inside.
TEST(Safetensors, AMutatedFileIsRefusedOrHasAllItsTensorsInside) {
  const std::string seed =
      SafetensorsBuilder().add("a.weight", {2, 3}, {1, 2, 3, 4, 5, 6}).add("b", {2}, {7, 8}).bytes();
  std::mt19937 random(11);
  int accepted = 0;
  for (int round = 0; round < 100'000; ++round) {
    std::string bytes = seed;
    for (auto changes = random() % 3 + 1; changes > 0; --changes)
      bytes[random() % bytes.size()] =
          static_cast<char>(random() % 4 == 0 ? random() : "0123456789,[]{}\": -"[random() % 19]);
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    const ErrorInfo error = error_of([&] {
      const SafetensorsFile file = open_bytes(bytes);
      for (const TensorEntry& entry : file.entries())
        if (entry.dtype == "F32") read_all(file.tensor(entry));
      ++accepted;
    });
    EXPECT_EQ(error.kind, ErrorKind::input);
  }
  EXPECT_GT(accepted, 100);
}

}  // namespace
}  // namespace attnscope
