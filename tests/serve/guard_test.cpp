// SPDX-License-Identifier: Apache-2.0
#include "serve/guard.h"

#include <gmock/gmock.h>

#include "attnscope/error.h"

namespace attnscope::serve {
namespace {

constexpr const char* kToken = "abcdefghijklmnopqrstuvwxyz012345";

RequestHead head_with(Fields fields) {
  RequestHead head;
  head.fields = std::move(fields);
  return head;
}

/// The status of a refusal; 200 if the source is let in.
int source_status(const Fields& fields, const std::string& bound = "127.0.0.1",
                  const std::string& local = "127.0.0.1", std::uint16_t port = 8123) {
  try {
    Guard(bound, port, kToken).check_source(head_with(fields), local);
    return 200;
  } catch (const Refused& refused) {
    return refused.status;
  }
}

int token_status(const Fields& fields) {
  try {
    Guard("127.0.0.1", 8123, kToken).check_token(head_with(fields));
    return 200;
  } catch (const Refused& refused) {
    return refused.status;
  }
}

TEST(Guard, LetsInLoopbackNamesWithTheBoundPort) {
  for (const char* host : {"127.0.0.1:8123", "localhost:8123", "LocalHost:8123", "[::1]:8123"})
    EXPECT_EQ(source_status({{"host", host}}), 200) << host;
}

TEST(Guard, RefusesEveryOtherHost) {
  for (const char* host : {"evil.example", "evil.example:8123", "127.0.0.1.evil:8123", "localhost.:8123",
                           "127.0.0.1:8123 ", "127.0.0.1:8123x", "user@127.0.0.1:8123", "127.0.0.1:8124",
                           "127.0.0.1", "127.0.0.1:", "127.0.0.1:08123", "::1:8123", "0.0.0.0:8123", ""})
    EXPECT_EQ(source_status({{"host", host}}), 421) << host;
}

TEST(Guard, RefusesNoHostAndTwo) {
  EXPECT_EQ(source_status({}), 400);
  EXPECT_EQ(source_status({{"host", "127.0.0.1:8123"}, {"host", "127.0.0.1:8123"}}), 400);
}

TEST(Guard, LetsInTheBoundAddressAndTheOneThatTheConnectionCameTo) {
  EXPECT_EQ(source_status({{"host", "10.0.0.7:8123"}}, "10.0.0.7", "10.0.0.7"), 200);
  EXPECT_EQ(source_status({{"host", "10.0.0.7:8123"}}, "0.0.0.0", "10.0.0.7"), 200);
  EXPECT_EQ(source_status({{"host", "[fe80::2]:8123"}}, "::", "fe80::2"), 200);
  EXPECT_EQ(source_status({{"host", "10.0.0.8:8123"}}, "0.0.0.0", "10.0.0.7"), 421);
}

TEST(Guard, NeedsNoPortWhereBrowsersLeaveItOut) {
  EXPECT_EQ(source_status({{"host", "localhost"}}, "127.0.0.1", "127.0.0.1", 80), 200);
}

TEST(Guard, RefusesRequestsOfOtherSites) {
  const std::pair<std::string, std::string> host{"host", "localhost:8123"};
  EXPECT_EQ(source_status({host, {"origin", "http://localhost:8123"}}), 200);
  for (const char* origin : {"null", "http://evil.example", "https://localhost:8123", "http://localhost",
                             "http://127.0.0.1:8123", "http://localhost:8123.evil.example", ""})
    EXPECT_EQ(source_status({host, {"origin", origin}}), 403) << origin;
  for (const char* site : {"same-origin", "none"})
    EXPECT_EQ(source_status({host, {"sec-fetch-site", site}}), 200) << site;
  for (const char* site : {"cross-site", "same-site", "", "Same-Origin"})
    EXPECT_EQ(source_status({host, {"sec-fetch-site", site}}), 403) << site;
  EXPECT_EQ(source_status({host, {"origin", "http://localhost:8123"}, {"origin", "null"}}), 403);
}

TEST(Guard, TakesTheTokenOnly) {
  const std::string token = kToken;
  EXPECT_EQ(token_status({{"authorization", "Bearer " + token}}), 200);
  EXPECT_EQ(token_status({{"authorization", "bearer " + token}}), 200);
  for (const std::string& given :
       {std::string(), std::string("Bearer"), std::string("Bearer "), token, "Bearer " + token + "x",
        "Bearer " + token.substr(1), "Basic " + token, "Bearer " + token + token})
    EXPECT_EQ(token_status({{"authorization", given}}), 401) << given;
  EXPECT_EQ(token_status({}), 401);
  EXPECT_EQ(token_status({{"authorization", "Bearer " + token}, {"authorization", "Bearer x"}}), 401);
}

TEST(Token, HasThirtyTwoCharactersThatDiffer) {
  const std::string token = random_token();
  EXPECT_EQ(token.size(), 32U);
  EXPECT_NO_THROW(check_token_form(token));
  EXPECT_NE(token, random_token());
}

TEST(Token, OfTheCallerHasToBeLongAndPlain) {
  EXPECT_NO_THROW(check_token_form(std::string(16, 'a')));
  for (const std::string& token : {std::string(15, 'a'), std::string(257, 'a'), std::string(20, ' ')})
    EXPECT_THROW(check_token_form(token), InvalidArgument);
}

TEST(Comparison, SaysWhatEqualSays) {
  for (const char* left : {"", "a", "ab", "abc", "abd", "bbc", "abcabc"})
    for (const char* right : {"", "a", "ab", "abc", "abd", "bbc", "abcabc"})
      EXPECT_EQ(equal_in_constant_time(left, right), std::string(left) == right) << left << ' ' << right;
}

}  // namespace
}  // namespace attnscope::serve
