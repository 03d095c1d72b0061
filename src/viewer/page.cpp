// SPDX-License-Identifier: Apache-2.0
#include "viewer/page.h"

#include "attnscope/version.h"
#include "core/base64.h"
#include "core/message.h"
#include "core/sha256.h"
#include "outputs/deflate.h"
#include "viewer/html_text.h"

// Defined by the assembler file that CMake writes.
extern "C" const char attnscope_embedded_viewer_js[];
extern "C" const char attnscope_embedded_viewer_js_end[];

namespace attnscope {
namespace {

constexpr std::string_view kStyle =
    "html,body{margin:0;height:100%}"
    "#attnscope:not(:empty){height:100%}"
    "main{max-width:44rem;margin:0 auto;padding:1rem;font:1rem/1.5 system-ui,sans-serif}"
    "main caption{text-align:start;font-weight:600}"
    "main table{border-collapse:collapse;margin:1rem 0}"
    "main th,main td{padding:.1rem .8rem .1rem 0;text-align:start;font-variant-numeric:tabular-nums}"
    "main p{overflow-wrap:anywhere}";

// Inflates the module and lets it run: its hash is in the policy. A module inserted as text needs no address.
constexpr std::string_view kLoader = R"((async () => {
  try {
    const bytes = Uint8Array.from(atob(document.getElementById('attnscope-module').textContent), (c) => c.charCodeAt(0));
    const script = document.createElement('script');
    script.type = 'module';
    script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))).text();
    document.body.append(script);
  } catch (error) {
    document.getElementById('attnscope').textContent =
      `This page cannot be shown here (${error.message}). Open it in a browser from 2023 or later.`;
  }
})();)";

constexpr std::string_view kIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#00224e"/>)"
    R"(<path fill="#7c7b78" d="M3 8h4v5H3zM9 3h4v4H9z"/><path fill="#fee838" d="M3 3h4v4H3zM9 9h4v4H9z"/></svg>)";

std::string hash_source(std::string_view text) { return "'sha256-" + base64(sha256(text)) + "'"; }

std::string head_of(const PageContent& content, std::string_view policy) {
  std::string html = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  if (!policy.empty())
    html += fmt::format("<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n", policy);
  html += fmt::format(
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"{}\">\n"
      "<title>{}</title>\n"
      "<link rel=\"icon\" href=\"data:image/svg+xml;base64,{}\">\n"
      "<style>{}</style>\n</head>\n",
      name_and_version(), escape_html(content.title), base64(kIcon), kStyle);
  return html;
}

}  // namespace

std::string_view page_module() {
  return {attnscope_embedded_viewer_js,
          static_cast<std::size_t>(attnscope_embedded_viewer_js_end - attnscope_embedded_viewer_js)};
}

std::string page_policy(std::string_view connect) {
  return fmt::format(
      "default-src 'none'; script-src {} {}; style-src {}; img-src data: blob:; connect-src {}; "
      "base-uri 'none'; form-action 'none'",
      hash_source(kLoader), hash_source(page_module()), hash_source(kStyle), connect);
}

std::string write_page(const PageContent& content, std::string_view policy) {
  std::string html = head_of(content, policy) + "<body>\n";
  if (!content.fallback.empty())
    html += fmt::format("<noscript>\n<main>\n{}</main>\n</noscript>\n", content.fallback);
  html += "<div id=\"attnscope\"></div>\n";
  if (!content.index.empty())
    html += fmt::format("<script type=\"application/json\" id=\"attnscope-index\">{}</script>\n",
                        json_for_script(content.index));
  const auto add_block = [&](std::string_view id, std::string_view text) {
    html += fmt::format("<script type=\"application/octet-stream\" id=\"{}\">", id);
    html += text;
    html += "</script>\n";
  };
  for (const PageBlock& block : content.blocks) add_block(block.id, block.base64);
  add_block("attnscope-module", base64(deflate(page_module())));
  html += fmt::format("<script>{}</script>\n</body>\n</html>\n", kLoader);
  return html;
}

}  // namespace attnscope
