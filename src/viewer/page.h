// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace attnscope {

/// Bytes that a page carries, as it names them.
struct PageBlock {
  std::string id;
  std::string base64;
};

/// What is put into a page.
struct PageContent {
  std::string title;
  std::string fallback = {};  ///< HTML for browsers without JavaScript
  std::string index = {};     ///< JSON for the element "attnscope-index"; empty: none
  std::vector<PageBlock> blocks = {};
};

/// The whole page. `policy` goes into the page itself unless it is empty.
[[nodiscard]] std::string write_page(const PageContent& content, std::string_view policy);

/// Content-Security-Policy under which the page's own scripts and styles run and nothing else does.
/// `connect` is 'none' or 'self'.
[[nodiscard]] std::string page_policy(std::string_view connect);

/// The page's module, as it was built.
[[nodiscard]] std::string_view page_module();

}  // namespace attnscope
