// SPDX-License-Identifier: Apache-2.0
#include "serve/route.h"

#include <gmock/gmock.h>

#include "serve/target.h"

namespace attnscope::serve {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

RequestHead request(const std::string& method, const std::string& target) {
  RequestHead head;
  head.method = method;
  head.target = target;
  return head;
}

int status_of(const std::string& method, const std::string& target) {
  try {
    static_cast<void>(find_route(request(method, target)));
    return 200;
  } catch (const Refused& refused) {
    return refused.status;
  }
}

TEST(Path, IsDecodedOnceAndWithoutItsQuery) {
  EXPECT_THAT(path_parts("/"), IsEmpty());
  EXPECT_THAT(path_parts("/?a=/b"), IsEmpty());
  EXPECT_THAT(path_parts("/api/mean.0%2C3-5.all?x"), ElementsAre("api", "mean.0,3-5.all"));
  EXPECT_THAT(path_parts("/%252e%252e"), ElementsAre("%2e%2e"));
}

TEST(Route, HasItsDocumentAndPart) {
  const Route route = find_route(request("GET", "/api/documents/x-1/parts/layer.3"));
  EXPECT_EQ(route.action, Action::part);
  EXPECT_EQ(route.document, "x-1");
  EXPECT_EQ(route.part, "layer.3");
  EXPECT_EQ(find_route(request("HEAD", "/")).action, Action::page);
  EXPECT_EQ(find_route(request("GET", "/api/documents")).action, Action::list);
  EXPECT_EQ(find_route(request("POST", "/api/documents")).action, Action::add);
  EXPECT_EQ(find_route(request("POST", "/api/documents/x/scan")).action, Action::scan);
}

TEST(Route, IsNotFoundForPathsThatClimbOrDoNotExist) {
  for (const char* target :
       {"/../etc/passwd", "/..%5c..%5cx", "/%2e%2e/x", "/%2e/", "/a%2fb", "/%252e%252e/x", "/index.html",
        "//", "/api", "/api/", "/api/documents/", "/api/documents/x", "/api/documents/x/", "/api/documentsx",
        "/api/documents/x/parts", "/api/documents/x/parts/a/b", "/api/other", "/assets/app.js"})
    EXPECT_EQ(status_of("GET", target), 404) << target;
}

TEST(Route, IsABadRequestForPathsThatAreNone) {
  for (const char* target : {"http://127.0.0.1/", "*", "api", "/%", "/%4", "/%zz", "/%00", "/a%00b",
                             "/%c0%ae", "/%80", "/%20", "/%7f"})
    EXPECT_EQ(status_of("GET", target), 400) << target;
}

TEST(Route, HasItsMethods) {
  EXPECT_EQ(status_of("POST", "/"), 405);
  EXPECT_EQ(status_of("OPTIONS", "/api/model"), 405);
  EXPECT_EQ(status_of("GET", "/api/documents/x/ablate"), 405);
  EXPECT_EQ(status_of("DELETE", "/api/documents"), 405);
}

TEST(Route, BelowApiIsProtectedBeItThereOrNot) {
  EXPECT_FALSE(is_protected(request("GET", "/")));
  EXPECT_TRUE(is_protected(request("GET", "/api/nothing")));
  EXPECT_TRUE(is_protected(request("GET", "/%61pi/model")));
}

}  // namespace
}  // namespace attnscope::serve
