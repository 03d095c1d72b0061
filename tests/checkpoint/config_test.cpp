// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "checkpoint/safetensors_builder.h"
#include "core/temporary_directory.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Config read_config(std::string_view text) {
  const TemporaryDirectory directory;
  directory.write("config.json", text);
  return Config::read(ModelFiles::locate(directory.path("")));
}

ErrorInfo refusal_of_config(std::string_view text) {
  return error_of([&] { (void)read_config(text); });
}

template <class Read>
ErrorInfo refusal_of_value(std::string_view text, const Read& read) {
  const Config config = read_config(text);
  return error_of([&] { read(config); });
}

TEST(Config, ValuesAreReadAndDefaultsTaken) {
  const Config config = read_config(
      R"({"dim": 768, "eps": 1e-12, "activation": "gelu", "tie": false, "architectures": ["A", "B"], "none": null})");
  EXPECT_EQ(config.integer("dim", 1, 1000), 768);
  EXPECT_EQ(config.integer("absent", 1, 1000, 7), 7);
  EXPECT_EQ(config.integer("none", 1, 1000, 7), 7);
  EXPECT_EQ(config.positive_number("eps", 1), 1e-12);
  EXPECT_EQ(config.positive_number("absent", 0.5), 0.5);
  EXPECT_EQ(config.text("activation", "relu"), "gelu");
  EXPECT_EQ(config.text("absent", "relu"), "relu");
  EXPECT_FALSE(config.flag("tie", true));
  EXPECT_THAT(config.architectures(), ElementsAre("A", "B"));
  EXPECT_TRUE(config.has("none"));
  EXPECT_FALSE(config.has("absent"));
  EXPECT_TRUE(config.notices().empty());
}

TEST(Config, Row35_AMissingFileIsRefused) {
  const TemporaryDirectory directory;
  const ErrorInfo error = error_of([&] { (void)Config::read(ModelFiles::locate(directory.path(""))); });
  EXPECT_EQ(error.code, "CFG_MISSING");
  EXPECT_EQ(error.kind, ErrorKind::input);
}

TEST(Config, Row35_WhatIsNotOneJsonObjectIsRefused) {
  EXPECT_EQ(refusal_of_config("").code, "CFG_JSON");
  EXPECT_EQ(refusal_of_config("").offset, 0U);
  EXPECT_EQ(refusal_of_config("[]").code, "CFG_VALUE");
  EXPECT_EQ(refusal_of_config("{\"a\": \"\xFF\"}").code, "CFG_UTF8");
  EXPECT_EQ(refusal_of_config(R"({"a": 1,})").code, "CFG_JSON");
  EXPECT_EQ(refusal_of_config(R"({"a": 1e999})").code, "CFG_JSON");
}

TEST(Config, Row35_DeepNestingAndDuplicateKeysAreRefused) {
  EXPECT_EQ(refusal_of_config("{\"a\":" + std::string(100'000, '[')).code, "CFG_DEPTH");
  const ErrorInfo error = refusal_of_config(R"({"dim": 1, "dim": 2})");
  EXPECT_EQ(error.code, "DUPLICATE_KEY");
  EXPECT_EQ(error.field, "/dim");
  EXPECT_EQ(error.offset, 11U);
}

TEST(Config, Row35_AFileOverAMebibyteIsALimit) {
  const TemporaryDirectory directory;
  std::filesystem::resize_file(directory.write("config.json", ""), std::uintmax_t{1} << 30);
  const ErrorInfo error = error_of([&] { (void)Config::read(ModelFiles::locate(directory.path(""))); });
  EXPECT_EQ(error.code, "CFG_LIMIT");
  EXPECT_EQ(error.kind, ErrorKind::limit);
}

TEST(Config, Row35_AByteOrderMarkIsAcceptedWithANotice) {
  const Config config = read_config("\xEF\xBB\xBF{\"dim\": 4}");
  EXPECT_EQ(config.integer("dim", 1, 10), 4);
  EXPECT_THAT(config.notices(), ElementsAre(HasSubstr("byte order mark")));
}

TEST(Config, Row36_AnUnsupportedModelTypeListsTheSupportedOnes) {
  const std::vector<std::string> supported = {"bert", "distilbert"};
  for (const char* text : {R"({"model_type": "gpt2"})", "{}", R"({"model_type": 7})"}) {
    const ErrorInfo error =
        refusal_of_value(text, [&](const Config& config) { (void)config.model_type(supported); });
    EXPECT_EQ(error.code, "CFG_ARCH") << text;
    EXPECT_EQ(error.field, "/model_type");
    EXPECT_THAT(error.what, HasSubstr("bert, distilbert"));
  }
  EXPECT_EQ(read_config(R"({"model_type": "bert"})").model_type(supported), "bert");
}

TEST(Config, Row37_NumbersOutOfRangeAreRefusedWithFieldValueAndRule) {
  for (const char* value : {"0", "-1", "1000000000", "9223372036854775808"}) {
    const ErrorInfo error =
        refusal_of_value(fmt::format(R"({{"n_heads": {}}})", value),
                         [](const Config& config) { (void)config.integer("n_heads", 1, 128); });
    EXPECT_EQ(error.code, "CFG_RANGE") << value;
    EXPECT_EQ(error.field, "/n_heads");
    EXPECT_THAT(error.what, HasSubstr("1 to 128"));
  }
}

TEST(Config, Row37_ARuleThatJoinsTwoKeysNamesThem) {
  const ErrorInfo error = refusal_of_value(
      "{}", [](const Config& config) { config.fail_rule("dim", "770 is not divisible by n_heads 12"); });
  EXPECT_EQ(error.code, "CFG_RANGE");
  EXPECT_THAT(to_string(error), HasSubstr("/dim: 770 is not divisible by n_heads 12"));
}

TEST(Config, Row38_ValuesOfAnotherKindAreRefused) {
  for (const char* value : {"\"12\"", "12.0", "1e1", "[12]", "true", "{}", "18446744073709551616"}) {
    const ErrorInfo error =
        refusal_of_value(fmt::format(R"({{"dim": {}}})", value),
                         [](const Config& config) { (void)config.integer("dim", 1, 100); });
    EXPECT_EQ(error.code, "CFG_VALUE") << value;
  }
  for (const char* value : {"\"1e-12\"", "0", "-1", "false"}) {
    const ErrorInfo error =
        refusal_of_value(fmt::format(R"({{"eps": {}}})", value),
                         [](const Config& config) { (void)config.positive_number("eps", 1); });
    EXPECT_EQ(error.code, "CFG_VALUE") << value;
  }
  const auto wrong_kinds = R"({"a": 7, "architectures": [7]})";
  EXPECT_EQ(refusal_of_value(wrong_kinds, [](const Config& c) { (void)c.text("a", ""); }).code, "CFG_VALUE");
  EXPECT_EQ(refusal_of_value(wrong_kinds, [](const Config& c) { (void)c.flag("a", true); }).code,
            "CFG_VALUE");
  EXPECT_EQ(refusal_of_value(wrong_kinds, [](const Config& c) { (void)c.architectures(); }).code,
            "CFG_VALUE");
  EXPECT_EQ(refusal_of_value("{}", [](const Config& c) { (void)c.integer("a", 1, 2); }).code, "CFG_VALUE");
}

TEST(Config, Row38_NaNAsPythonWritesItIsRefusedWithItsKey) {
  for (const char* word : {"NaN", "Infinity", "-Infinity"}) {
    const ErrorInfo error = refusal_of_config(fmt::format(R"({{"dim": 4, "layer_norm_eps": {}}})", word));
    EXPECT_EQ(error.code, "CFG_VALUE") << word;
    EXPECT_EQ(error.field, "/layer_norm_eps");
    EXPECT_THAT(error.what, HasSubstr(word));
  }
}

TEST(Config, Row40_CodeOfTheCheckpointsOwnIsIgnoredWithOneNotice) {
  const Config config = read_config(R"({"auto_map": {"AutoModel": "x.Y"}, "trust_remote_code": true})");
  EXPECT_EQ(config.notices().size(), 1U);
}

TEST(Config, Row41_LabelsAreReadInTheOrderOfTheirIds) {
  const Config config = read_config(R"({"id2label": {"2": "C", "0": "A", "1": "B"}, "label2id": {"A": 9}})");
  EXPECT_THAT(config.labels(), ElementsAre("A", "B", "C"));
  EXPECT_TRUE(config.notices().empty());
}

TEST(Config, Row41_HolesAreFilledWithOneNotice) {
  const Config config = read_config(R"({"id2label": {"0": "A", "3": "D"}})");
  EXPECT_THAT(config.labels(), ElementsAre("A", "LABEL_1", "LABEL_2", "D"));
  EXPECT_EQ(config.labels().size(), 4U);
  EXPECT_THAT(config.notices(), ElementsAre(HasSubstr("2 ids have no name")));
}

TEST(Config, Row41_LabelsThatAreNoneAreRefused) {
  const auto code = [](std::string_view map) {
    return refusal_of_value(fmt::format(R"({{"id2label": {}}})", map),
                            [](const Config& c) { (void)c.labels(); })
        .code;
  };
  EXPECT_EQ(code(R"({"0": 7})"), "CFG_VALUE");
  EXPECT_EQ(code(R"({"zero": "A"})"), "CFG_VALUE");
  EXPECT_EQ(code(R"({"0": "A", "00": "B"})"), "CFG_VALUE");
  EXPECT_EQ(code(R"({"-1": "A"})"), "CFG_RANGE");
  EXPECT_EQ(code(R"({"1000000": "A"})"), "CFG_RANGE");
  EXPECT_EQ(code(R"({"99999999999999999999": "A"})"), "CFG_RANGE");
  EXPECT_EQ(code(R"(["A"])"), "CFG_VALUE");
  EXPECT_EQ(code("{}"), "CFG_VALUE");
}

TEST(Config, LabelsFollowTheirNumberOrAreTwo) {
  EXPECT_THAT(read_config(R"({"num_labels": 3})").labels(), ElementsAre("LABEL_0", "LABEL_1", "LABEL_2"));
  EXPECT_THAT(read_config("{}").labels(), ElementsAre("LABEL_0", "LABEL_1"));
  EXPECT_EQ(refusal_of_value(R"({"num_labels": 0})", [](const Config& c) { (void)c.labels(); }).code,
            "CFG_RANGE");
}

}  // namespace
}  // namespace attnscope
