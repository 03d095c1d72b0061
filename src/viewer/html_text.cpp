// SPDX-License-Identifier: Apache-2.0
#include "viewer/html_text.h"

#include <optional>

#include "core/utf8.h"

namespace attnscope {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr char32_t kEllipsis = 0x2026;

/// Characters of a text; what is no UTF-8 as U+FFFD.
template <class Take>
void for_each_character(std::string_view text, const Take& take) {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Char character = decode_utf8(text, at);
    take(character.length == 0 ? kReplacement : character.scalar);
    at += character.length == 0 ? 1 : static_cast<std::size_t>(character.length);
  }
}

bool is_control(char32_t scalar) { return scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0); }

bool is_blank(char32_t scalar) {
  return (scalar >= 0x09 && scalar <= 0x0D) || scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029;
}

bool is_direction_mark(char32_t scalar) {
  return scalar == 0x061C || scalar == 0x200E || scalar == 0x200F || (scalar >= 0x202A && scalar <= 0x202E) ||
         (scalar >= 0x2066 && scalar <= 0x2069);
}

/// A title shows line ends as blanks, and no marks.
std::optional<char32_t> in_title(char32_t scalar) {
  if (is_blank(scalar)) return U' ';
  if (is_direction_mark(scalar)) return std::nullopt;
  return is_control(scalar) ? kReplacement : scalar;
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  for_each_character(text, [&](char32_t scalar) {
    if (scalar == U'&') {
      html += "&amp;";
    } else if (scalar == U'<') {
      html += "&lt;";
    } else if (scalar == U'>') {
      html += "&gt;";
    } else if (scalar == U'"') {
      html += "&quot;";
    } else {
      append_utf8(html, is_control(scalar) && !is_blank(scalar) ? kReplacement : scalar);
    }
  });
  return html;
}

std::string json_for_script(std::string_view json) {
  constexpr std::string_view kLineEnds = "\xE2\x80";  // of U+2028 and U+2029, before \xA8 and \xA9
  std::string text;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const std::string_view rest = json.substr(at);
    const bool line_end =
        rest.starts_with(kLineEnds) && rest.size() > 2 && (rest[2] == '\xA8' || rest[2] == '\xA9');
    if (line_end) {
      text += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";
      at += 2;
    } else if (json[at] == '<') {
      text += "\\u003c";
    } else {
      text += json[at];
    }
  }
  return text;
}

std::string title_of(std::string_view text, std::size_t most_characters) {
  std::u32string title;
  for_each_character(text, [&](char32_t scalar) {
    const auto shown = in_title(scalar);
    if (shown && !(*shown == U' ' && (title.empty() || title.back() == U' '))) title += *shown;
  });
  while (!title.empty() && title.back() == U' ') title.pop_back();
  if (title.size() > most_characters) {
    title.resize(most_characters - 1);
    title += kEllipsis;
  }
  std::string bytes;
  for (const char32_t scalar : title) append_utf8(bytes, scalar);
  return bytes;
}

}  // namespace attnscope
