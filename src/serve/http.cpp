// SPDX-License-Identifier: Apache-2.0
#include "serve/http.h"

#include <fmt/format.h>

#include <algorithm>

#include "attnscope/viewer.h"

namespace attnscope::serve {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> list_items(std::string_view list) {
  std::vector<std::string_view> items;
  while (true) {
    const std::size_t comma = list.find(',');
    items.push_back(trimmed(list.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    list.remove_prefix(comma + 1);
  }
}

const std::string* RequestHead::find(std::string_view name) const {
  const auto field =
      std::find_if(fields.begin(), fields.end(), [name](const auto& each) { return each.first == name; });
  return field == fields.end() ? nullptr : &field->second;
}

std::size_t RequestHead::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields.begin(), fields.end(), [name](const auto& each) { return each.first == name; }));
}

bool RequestHead::has_word(std::string_view name, std::string_view word) const {
  for (const auto& [field, value] : fields) {
    if (field != name) continue;
    for (const std::string_view item : list_items(value))
      if (lower_case(item) == word) return true;
  }
  return false;
}

const char* reason_phrase(int status) {
  constexpr std::pair<int, const char*> kPhrases[] = {{200, "OK"},
                                                      {206, "Partial Content"},
                                                      {304, "Not Modified"},
                                                      {400, "Bad Request"},
                                                      {401, "Unauthorized"},
                                                      {403, "Forbidden"},
                                                      {404, "Not Found"},
                                                      {405, "Method Not Allowed"},
                                                      {413, "Content Too Large"},
                                                      {414, "URI Too Long"},
                                                      {415, "Unsupported Media Type"},
                                                      {416, "Range Not Satisfiable"},
                                                      {417, "Expectation Failed"},
                                                      {421, "Misdirected Request"},
                                                      {422, "Unprocessable Content"},
                                                      {431, "Request Header Fields Too Large"},
                                                      {501, "Not Implemented"},
                                                      {503, "Service Unavailable"},
                                                      {505, "HTTP Version Not Supported"}};
  for (const auto& [number, phrase] : kPhrases)
    if (number == status) return phrase;
  return "Internal Server Error";
}

Response json_response(std::string body) { return {200, "application/json", std::move(body)}; }

std::string response_head(const Response& response) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  add("Content-Security-Policy", server_page_policy());
  add("X-Content-Type-Options", "nosniff");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  const auto& fields = response.fields;
  const bool says_caching = std::any_of(fields.begin(), fields.end(),
                                        [](const auto& field) { return field.first == "Cache-Control"; });
  if (!says_caching) add("Cache-Control", "no-store");
  for (const auto& [name, value] : fields) add(name, value);
  if (!response.content_type.empty()) add("Content-Type", response.content_type);
  if (response.streams) {
    add("Transfer-Encoding", "chunked");
  } else if (response.status != 304) {
    add("Content-Length", fmt::to_string(response.body.size()));
  }
  if (response.close) add("Connection", "close");
  return head.append("\r\n");
}

}  // namespace attnscope::serve
