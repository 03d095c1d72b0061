// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "attnscope/outputs.h"
#include "core/json.h"

namespace attnscope {
namespace {

TEST(JsonWriter, PutsCommasBetweenItemsOnly) {
  JsonWriter json;
  json.begin_object().key("a").begin_array().value(std::int64_t{1}).value(true).null().end_array();
  json.key("b").begin_object().end_object().key("c").value("x").end_object();
  EXPECT_EQ(json.text(), R"({"a":[1,true,null],"b":{},"c":"x"})");
}

TEST(JsonWriter, WritesTheShortestFormOfAFloat) {
  JsonWriter json;
  json.begin_array().value(0.1F).value(0.1).value(1e-30F).value(-2.0).end_array();
  EXPECT_EQ(json.text(), "[0.1,0.1,1e-30,-2]");
}

TEST(JsonWriter, TurnsNumbersThatJsonLacksIntoNull) {
  JsonWriter json;
  json.begin_array().value(std::numeric_limits<double>::infinity());
  json.value(std::numeric_limits<float>::quiet_NaN()).end_array();
  EXPECT_EQ(json.text(), "[null,null]");
}

TEST(JsonWriter, EscapesControlsAndNeverEmitsInvalidUtf8) {
  JsonWriter json;
  json.value("a\"\\\n\x01\x7F \xC3\xA9 \xFF \xED\xA0\x80");
  EXPECT_TRUE(parse_json(json.text()).value.has_value());
  EXPECT_EQ(json.text(),
            "\"a\\\"\\\\\\n\\u0001\x7F \xC3\xA9 \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonWriter, WritesVectorsAsArrays) {
  JsonWriter json;
  json.begin_array().value(std::vector<std::string>{"a", "b"}).value(std::vector<std::int64_t>{}).end_array();
  EXPECT_EQ(json.text(), R"([["a","b"],[]])");
}

}  // namespace
}  // namespace attnscope
