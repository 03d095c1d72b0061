// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/outputs.h"
#include "core/base64.h"
#include "core/message.h"
#include "outputs/deflate.h"
#include "viewer/fallback.h"
#include "viewer/html_text.h"
#include "viewer/page.h"

namespace attnscope {
namespace {

constexpr const char* kNoScript =
    "<p>This page needs JavaScript to show attention. Its numbers in short:</p>\n";

/// Collects blocks, and writes where each is in the index.
class PageMaker {
 public:
  explicit PageMaker(const HtmlOptions& options) : options_(options) { content_.title = options.title; }

  void add(const Document& document) {
    const std::string number = std::to_string(documents_++);
    const std::string title = title_of(document.text());
    if (content_.title.empty() && !title.empty()) content_.title = title + " - attnscope";
    content_.fallback += fallback_html(document);
    index_.begin_object().key("title").value(title);
    index_.key("report").value(block(number + ".report", document.report()));
    index_.key("parts").begin_object();
    for (const std::string& part : document.parts()) {
      if (options_.progress) options_.progress(part.c_str());
      index_.key(part).value(block(number + '.' + part, document.part(part)));
    }
    index_.end_object().end_object();
  }

  HtmlPage finish() {
    if (content_.title.empty()) content_.title = "attnscope";
    content_.fallback.insert(0, kNoScript);
    content_.index = R"({"documents":[)" + index_.text() + "],";
    JsonWriter shown;
    content_.index += R"("view":)" + shown.value(options_.view).text() + '}';
    HtmlPage page{write_page(content_, page_policy("'none'")), {}};
    std::size_t carried = 0;
    for (const PageBlock& carried_block : content_.blocks) carried += carried_block.base64.size();
    page.sizes.emplace_back("page", page.html.size() - carried);
    for (const PageBlock& carried_block : content_.blocks)
      page.sizes.emplace_back(carried_block.id.substr(kPrefix.size()), carried_block.base64.size());
    return page;
  }

 private:
  static constexpr std::string_view kPrefix = "attnscope-";

  /// The id of the new block.
  const std::string& block(const std::string& name, const std::string& bytes) {
    content_.blocks.push_back({std::string(kPrefix) + name, base64(deflate(bytes))});
    return content_.blocks.back().id;
  }

  const HtmlOptions& options_;
  PageContent content_;
  JsonWriter index_;  // of the documents, apart by commas
  std::int64_t documents_ = 0;
};

/// "layer" of "0.layer.3".
std::string kind_of(const std::string& part) {
  const std::size_t begin = part.find('.') + 1;  // 0 without a dot
  return part.substr(begin, part.find('.', begin) - begin);
}

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.2f} MB", static_cast<double>(bytes) / 1e6);
}

void check_size(const HtmlPage& page, std::size_t most_bytes) {
  if (page.html.size() <= most_bytes) return;
  std::string list;
  for (const auto& [kind, bytes] : sizes_by_kind(page))
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", kind, megabytes(bytes));
  throw LimitError(
      problem(ErrorKind::limit, "PAGE_SIZE", "page")
          .found("it takes {}, more than the {} allowed: {}", megabytes(page.html.size()),
                 megabytes(most_bytes), list)
          .hint("carry the weights as topk or u8, leave queries and keys out, or take fewer texts"));
}

}  // namespace

HtmlPage html_page(const std::vector<Document>& documents, const HtmlOptions& options) {
  if (documents.empty())
    throw InvalidArgument(
        problem(ErrorKind::usage, "NO_TEXT", "page").found("there is no document to show").hint("give one"));
  PageMaker maker(options);
  for (const Document& document : documents) maker.add(document);
  HtmlPage page = maker.finish();
  if (options.max_bytes) check_size(page, *options.max_bytes);
  return page;
}

std::vector<std::pair<std::string, std::size_t>> sizes_by_kind(const HtmlPage& page) {
  std::vector<std::pair<std::string, std::size_t>> kinds;
  for (const auto& [part, bytes] : page.sizes) {
    const std::string kind = kind_of(part);
    const auto found =
        std::find_if(kinds.begin(), kinds.end(), [&](const auto& known) { return known.first == kind; });
    if (found == kinds.end()) {
      kinds.emplace_back(kind, bytes);
    } else {
      found->second += bytes;
    }
  }
  return kinds;
}

std::string server_page() { return write_page({"attnscope"}, ""); }
std::string server_page_policy() { return page_policy("'self'") + "; frame-ancestors 'none'"; }
std::string viewer_module() { return std::string(page_module()); }

}  // namespace attnscope
