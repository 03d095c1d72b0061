// SPDX-License-Identifier: Apache-2.0
#include "serve/http.h"

#include <gmock/gmock.h>

#include <new>

namespace attnscope::serve {
namespace {

using testing::HasSubstr;
using testing::Not;

ErrorInfo info(const char* code, ErrorKind kind = ErrorKind::usage) {
  ErrorInfo result;
  result.kind = kind;
  result.code = code;
  result.file = "body";
  result.what = "wrong";
  result.hint = "do this";
  result.field = "/a";
  return result;
}

template <class Exception>
int status_of(const Exception& exception) {
  try {
    throw exception;
  } catch (...) {
    return refusal_of_current_exception().status;
  }
}

TEST(Response, CarriesTheFieldsThatKeepAPageApart) {
  const std::string head = response_head({200, "text/plain", "body"});
  EXPECT_THAT(head, HasSubstr("HTTP/1.1 200 OK\r\n"));
  for (const char* field :
       {"Content-Security-Policy: default-src 'none'", "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n", "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n", "Cache-Control: no-store\r\n",
        "Content-Length: 4\r\n"})
    EXPECT_THAT(head, HasSubstr(field));
  EXPECT_THAT(head, Not(HasSubstr("Access-Control")));
  EXPECT_THAT(head, Not(HasSubstr("Connection")));
}

TEST(Response, OfAPartSaysItsOwnCaching) {
  const std::string head = response_head({200, "", "", {{"Cache-Control", "private"}}});
  EXPECT_THAT(head, HasSubstr("Cache-Control: private\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("no-store")));
}

TEST(Response, ThatStreamsHasNoLength) {
  Response response;
  response.streams = true;
  response.close = true;
  EXPECT_THAT(response_head(response), HasSubstr("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(response_head(response), Not(HasSubstr("Content-Length")));
}

TEST(ErrorAnswer, IsJsonWithTheHintApart) {
  EXPECT_EQ(error_json(info("BODY")),
            R"({"error":{"code":"BODY","message":"body: wrong","field":"/a","hint":"do this"}})");
}

TEST(ErrorAnswer, HasTheStatusOfItsException) {
  EXPECT_EQ(status_of(InvalidArgument(info("RANGE"))), 400);
  EXPECT_EQ(status_of(InvalidArgument(info("PART"))), 404);
  EXPECT_EQ(status_of(TextError(info("TEXT_TOO_LONG", ErrorKind::input))), 422);
  EXPECT_EQ(status_of(UnsupportedModel(info("NO_HEAD", ErrorKind::input))), 422);
  EXPECT_EQ(status_of(StorageError(info("READ", ErrorKind::storage))), 500);
  EXPECT_EQ(status_of(std::bad_alloc()), 503);
  EXPECT_EQ(status_of(std::logic_error("defect")), 500);
  EXPECT_EQ(status_of(Refused{421, info("HOST")}), 421);
}

TEST(RequestHead, FindsWordsInLists) {
  RequestHead head;
  head.fields = {{"connection", "Keep-Alive, Close"}, {"connection", "x"}};
  EXPECT_TRUE(head.has_word("connection", "close"));
  EXPECT_TRUE(head.has_word("connection", "x"));
  EXPECT_FALSE(head.has_word("connection", "clos"));
  EXPECT_EQ(head.count("connection"), 2U);
}

}  // namespace
}  // namespace attnscope::serve
