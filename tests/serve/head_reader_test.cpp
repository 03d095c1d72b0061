// SPDX-License-Identifier: Apache-2.0
#include "serve/head_reader.h"

#include <gmock/gmock.h>

namespace attnscope::serve {
namespace {

/// The status of a refusal; 200 for a whole head, 0 if more bytes are awaited. However the bytes come.
int status_of(const std::string& bytes, std::size_t step) {
  HeadReader reader{Limits{}};
  std::string waiting;
  try {
    for (std::size_t at = 0; at < bytes.size() && !reader.done(); at += step) {
      waiting += bytes.substr(at, step);
      waiting.erase(0, reader.take(waiting));
    }
    return reader.done() ? 200 : 0;
  } catch (const Refused& refused) {
    EXPECT_TRUE(refused.close);
    return refused.status;
  }
}

void expect_status(int status, const std::string& bytes) {
  EXPECT_EQ(status_of(bytes, bytes.size()), status) << bytes.substr(0, 80);
  EXPECT_EQ(status_of(bytes, 1), status) << "byte by byte: " << bytes.substr(0, 80);
}

std::string with_field(const std::string& field) { return "GET / HTTP/1.1\r\n" + field + "\r\n\r\n"; }

TEST(HeadReader, ReadsFirstLineAndFields) {
  HeadReader reader{Limits{}};
  const std::string bytes = "POST /a?b HTTP/1.1\r\nHost: x \r\nContent-Length:12\r\nX-Empty:\r\n\r\nbody";
  EXPECT_EQ(reader.take(bytes), bytes.size() - 4);
  ASSERT_TRUE(reader.done());
  const RequestHead& head = reader.head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b");
  EXPECT_EQ(head.body_bytes, 12U);
  EXPECT_FALSE(head.is_http_1_0);
  EXPECT_EQ(*head.find("host"), "x");
  EXPECT_EQ(*head.find("x-empty"), "");
  EXPECT_EQ(head.find("other"), nullptr);
}

TEST(HeadReader, WaitsForTheRest) {
  for (const char* bytes : {"G", "GET /", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\nHost: x\r\n"})
    expect_status(0, bytes);
}

TEST(HeadReader, KnowsItsVersions) {
  expect_status(200, "GET / HTTP/1.0\r\n\r\n");
  expect_status(505, "GET / HTTP/0.9\r\n");
  expect_status(505, "GET / HTTP/1.2\r\n");
  expect_status(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  expect_status(400, "GET /\r\n");
  expect_status(400, "GET / http/1.1\r\n");
}

TEST(HeadReader, RefusesATlsHelloAtItsFirstBytes) {
  expect_status(400, std::string("\x16\x03\x01\x02\x00\x01", 6));
}

TEST(HeadReader, TakesLinesThatEndInCrLfOnly) {
  expect_status(400, "GET / HTTP/1.1\nHost: x\n\n");
  expect_status(400, "GET / HTTP/1.1\r\nHost: x\n\r\n");
  expect_status(400, "\r\nGET / HTTP/1.1\r\n\r\n");
  expect_status(400, with_field("X: a\rb"));
}

TEST(HeadReader, RefusesFieldsThatCanBeReadInTwoWays) {
  for (const std::string& field : {std::string("X: a\r\n folded"), std::string("X: a\r\n\tfolded"),
                                   std::string("X : a"), std::string(" X: a"), std::string("no colon"),
                                   std::string(": a"), std::string("X: a\0b", 6), std::string("X\x80: a")})
    expect_status(400, with_field(field));
}

TEST(HeadReader, RefusesLengthsThatCanBeReadInTwoWays) {
  for (const char* field :
       {"Content-Length: -1", "Content-Length: +5", "Content-Length: 5 5", "Content-Length: 5, 5",
        "Content-Length: 0x5", "Content-Length:", "Content-Length: 9223372036854775808",
        "Content-Length: 99999999999999999999999", "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nTransfer-Encoding: chunked"})
    expect_status(400, with_field(field));
  expect_status(501, with_field("Transfer-Encoding: chunked"));
  expect_status(501, with_field("Transfer-Encoding: gzip, chunked"));
  expect_status(417, with_field("Expect: something"));
}

TEST(HeadReader, RefusesWhatIsTooLarge) {
  expect_status(413, with_field("Content-Length: 1048577"));
  expect_status(200, with_field("Content-Length: 1048576"));
  EXPECT_EQ(status_of("GET /" + std::string(64 << 10, 'a') + " HTTP/1.1\r\n\r\n", 4096), 414);
  EXPECT_EQ(status_of("GET /" + std::string(64 << 10, 'a'), 4096), 414);
  EXPECT_EQ(status_of(with_field("X: " + std::string(1 << 20, 'a')), 4096), 431);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(1 << 20, 'a'), 4096), 431);
  std::string many = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 10'000; ++i) many += "X: a\r\n";
  EXPECT_EQ(status_of(many + "\r\n", 4096), 431);
}

TEST(HeadReader, RefusesTargetsThatAreNotVisibleAscii) {
  for (const char* line : {"GET  / HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n", "GET /\x80 HTTP/1.1\r\n",
                           "GET /\t HTTP/1.1\r\n", "G@T / HTTP/1.1\r\n"})
    EXPECT_EQ(status_of(line, 1), 400) << line;
}

}  // namespace
}  // namespace attnscope::serve
