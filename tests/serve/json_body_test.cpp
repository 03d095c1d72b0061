// SPDX-License-Identifier: Apache-2.0
#include "serve/json_body.h"

#include <gmock/gmock.h>

#include <functional>

#include "serve/http.h"

namespace attnscope::serve {
namespace {

using testing::HasSubstr;

/// What is refused, as a 400; the field is the pointer.
ErrorInfo refusal(const std::string& body, const std::function<void(const BodyPlace&)>& read) {
  try {
    const JsonValue value = parse_body(body);
    read(BodyPlace(value));
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.status, 400);
    return refused.info;
  }
  ADD_FAILURE() << body << " was taken";
  return {};
}

const auto nothing = [](const BodyPlace&) {};
const auto layer = [](const BodyPlace& body) {
  static_cast<void>(body.member("heads").items(1, 2)[0].items(2, 2)[0].index(6, "layers"));
};

TEST(Body, IsReadByNameAndPosition) {
  const JsonValue value = parse_body(R"({"text": "a", "heads": [[5, 0]], "width": 2.5, "view": "grid"})");
  const BodyPlace body(value);
  body.allow({"text", "heads", "width", "view"});
  EXPECT_EQ(body.member("text").text(), "a");
  EXPECT_EQ(body.member("heads").items(1, 1)[0].items(2, 2)[0].index(6, "layers"), 5);
  EXPECT_EQ(body.member("width").number(0, 3), 2.5);
  EXPECT_EQ(body.member("view").choice({"matrix", "grid"}), 1U);
  EXPECT_FALSE(body.find("focus").has_value());
}

TEST(Body, ThatIsNoJsonIsRefusedWithItsByte) {
  EXPECT_EQ(refusal("{\"text\": ", nothing).code, "BODY_JSON");
  EXPECT_EQ(refusal("{\"text\": tru}", nothing).offset, 9U);
  for (const char* body :
       {"", "{} {}", "{\"a\": 1e999}", "{\"a\": \"\\ud800\"}", "{\"a\": \"\xC0\x80\"}", "NaN"})
    EXPECT_EQ(refusal(body, nothing).code, "BODY_JSON") << body;
}

TEST(Body, ThatIsDeepOrHasAKeyTwiceIsRefusedWithItsPointer) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_THAT(refusal(deep, nothing).field, HasSubstr("/0/0/0"));
  EXPECT_EQ(refusal(R"({"a": {"b": 1, "\u0062": 2}})", nothing).field, "/a/b");
}

TEST(Body, NamesThePlaceOfWhatDoesNotFit) {
  EXPECT_EQ(refusal(R"({"heads": [[-1, 0]]})", layer).field, "/heads/0/0");
  EXPECT_EQ(refusal(R"({"heads": [[6, 0]]})", layer).hint, "give 0 to 5");
  EXPECT_EQ(refusal(R"({"heads": [[9007199254740993, 0]]})", layer).field, "/heads/0/0");
  EXPECT_EQ(refusal(R"({"heads": [[18446744073709551615, 0]]})", layer).field, "/heads/0/0");
  EXPECT_EQ(refusal(R"({"heads": [[1.0, 0]]})", layer).what, "found a number, expected an integer");
  EXPECT_EQ(refusal(R"({"heads": [["0", 0]]})", layer).what, "found a string, expected an integer");
  EXPECT_EQ(refusal(R"({"heads": [[0]]})", layer).field, "/heads/0");
  EXPECT_EQ(refusal(R"({"heads": []})", layer).what, "0 items");
  EXPECT_EQ(refusal(R"({"heads": {}})", layer).what, "found an object, expected an array");
  EXPECT_EQ(refusal("[]", layer).field, "/");
  EXPECT_EQ(refusal("{}", layer).what, "no member 'heads'");
}

TEST(Body, KnowsItsMembers) {
  const auto read = [](const BodyPlace& body) { body.allow({"text"}); };
  EXPECT_EQ(refusal(R"({"text": "a", "a/b": 1})", read).field, "/a~1b");
}

TEST(Body, HasNumbersInRangeAndWordsOfAList) {
  const auto number = [](const BodyPlace& body) { static_cast<void>(body.member("a").number(1, 2)); };
  EXPECT_EQ(refusal(R"({"a": 2.5})", number).hint, "give 1 to 2");
  EXPECT_EQ(refusal(R"({"a": null})", number).what, "found null, expected a number");
  const auto word = [](const BodyPlace& body) { static_cast<void>(body.member("a").choice({"x", "y"})); };
  EXPECT_EQ(refusal(R"({"a": "z"})", word).hint, "choose from x, y");
}

TEST(Body, OfNothingHasNoPositions) {
  const auto focus = [](const BodyPlace& body) { static_cast<void>(body.member("a").index(0, "focuses")); };
  EXPECT_EQ(refusal(R"({"a": 0})", focus).what, "there are no focuses");
}

}  // namespace
}  // namespace attnscope::serve
