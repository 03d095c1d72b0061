// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "attnscope/error.h"
#include "attnscope/viewer.h"
#include "core/base64.h"
#include "core/sha256.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<Document> two_documents() {
  Run run(Model::load());
  DocumentOptions options;
  options.ablation = false;
  options.measures = {{Measure::attention}};
  options.data = PageData::topk;
  return {Document::of(run, "Angela lives in Paris.", options), Document::of(run, "</script><!--", options)};
}

std::string between(const std::string& text, const std::string& before, const std::string& behind) {
  const std::size_t begin = text.find(before) + before.size();
  return text.substr(begin, text.find(behind, begin) - begin);
}

TEST(HtmlPage, IsTheSameForTheSameDocuments) {
  const HtmlPage page = html_page(two_documents());
  EXPECT_EQ(page.html, html_page(two_documents()).html);
  EXPECT_TRUE(page.html.starts_with("<!doctype html>\n<html lang=\"en\">\n"));
  EXPECT_THAT(page.html, HasSubstr("<title>Angela lives in Paris. - attnscope</title>"));
}

TEST(HtmlPage, SizesAddUpToTheFile) {
  const HtmlPage page = html_page(two_documents());
  std::size_t sum = 0;
  for (const auto& [part, bytes] : page.sizes) sum += bytes;
  EXPECT_EQ(sum, page.html.size());
  EXPECT_EQ(page.sizes[1].first, "0.report");
  std::vector<std::string> kinds;
  std::size_t kinds_sum = 0;
  for (const auto& [kind, bytes] : sizes_by_kind(page)) {
    kinds.push_back(kind);
    kinds_sum += bytes;
  }
  EXPECT_THAT(kinds, ElementsAre("page", "report", "overview", "layer"));
  EXPECT_EQ(kinds_sum, page.html.size());
}

TEST(HtmlPage, PolicyNamesItsScriptsAndItsStyle) {
  const std::string html = html_page(two_documents()).html;
  const std::string policy = between(html, "Content-Security-Policy\" content=\"", "\"");
  const auto source = [](const std::string& text) { return "'sha256-" + base64(sha256(text)) + "'"; };
  EXPECT_THAT(policy, HasSubstr("style-src " + source(between(html, "<style>", "</style>")) + ";"));
  EXPECT_THAT(policy, HasSubstr("script-src " + source(between(html, "<script>", "</script>")) + ' ' +
                                source(viewer_module()) + ";"));
  EXPECT_THAT(policy, HasSubstr("connect-src 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(server_page_policy(), HasSubstr("connect-src 'self'"));
  EXPECT_THAT(server_page_policy(), HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(server_page(), Not(HasSubstr("Content-Security-Policy")));
  EXPECT_THAT(server_page(), Not(HasSubstr("attnscope-index\"")));
}

TEST(HtmlPage, TakesATitleAndAView) {
  HtmlOptions options;
  options.title = "A <title>";
  options.view = "view=model&layer=2";
  const std::string html = html_page(two_documents(), options).html;
  EXPECT_THAT(html, HasSubstr("<title>A &lt;title&gt;</title>"));
  EXPECT_THAT(html, HasSubstr("\"view\":\"view=model&layer=2\"}</script>"));
}

TEST(HtmlPage, ALargerPageThanAllowedIsRefusedByItsParts) {
  HtmlOptions options;
  options.max_bytes = html_page(two_documents()).html.size();
  EXPECT_EQ(html_page(two_documents(), options).html.size(), *options.max_bytes);
  --*options.max_bytes;
  try {
    static_cast<void>(html_page(two_documents(), options));
    FAIL();
  } catch (const LimitError& error) {
    EXPECT_EQ(error.code(), "PAGE_SIZE");
    EXPECT_THAT(error.what(), HasSubstr("overview 0."));
  }
  EXPECT_THROW(static_cast<void>(html_page({})), InvalidArgument);
}

}  // namespace
}  // namespace attnscope
