// SPDX-License-Identifier: Apache-2.0
#include "serve/head_reader.h"

#include <algorithm>
#include <charconv>

#include "core/message.h"

namespace attnscope::serve {
namespace {

[[noreturn]] void refuse(int status, const char* code, const std::string& what) {
  throw Refused{status, problem(ErrorKind::usage, code, "request").found("{}", what), {}, true};
}

bool is_token_character(char c) {
  const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter_or_digit || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_visible_ascii(char c) { return c > ' ' && c < '\x7F'; }

/// Tabs and bytes over 127 may stand in values.
bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

std::size_t parse_length(const std::string& text) {
  std::size_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || !digits)
    refuse(400, "CONTENT_LENGTH", fmt::format("Content-Length '{}', expected digits", text));
  if (error != std::errc() || length > static_cast<std::size_t>(PTRDIFF_MAX))
    refuse(400, "CONTENT_LENGTH", fmt::format("Content-Length '{}' is no possible length", text));
  return length;
}

}  // namespace

std::size_t HeadReader::take(std::string_view bytes) {
  std::size_t taken = 0;
  while (!done_) {
    const std::string_view rest = bytes.substr(taken);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
      check_unfinished(rest);
      break;
    }
    if (end == 0 || rest[end - 1] != '\r') {
      check_unfinished(rest.substr(0, end));
      refuse(400, "LINE_END", "a line that does not end in CR LF");
    }
    take_line(rest.substr(0, end - 1));
    taken += end + 1;
  }
  return taken;
}

void HeadReader::check_unfinished(std::string_view line) const {
  if (has_request_line_) {
    if (field_bytes_ + line.size() > limits_.header_bytes)
      refuse(431, "HEADERS", fmt::format("more than {} bytes of header fields", limits_.header_bytes));
    return;
  }
  if (line.size() > limits_.request_line_bytes)
    refuse(414, "TARGET", fmt::format("a request line of more than {} bytes", limits_.request_line_bytes));
  // A TLS hello has no line end to wait for.
  const std::string_view method = line.substr(0, line.find(' '));
  const std::string_view shown = method.ends_with('\r') ? method.substr(0, method.size() - 1) : method;
  if (!shown.empty() && !is_token(shown)) refuse(400, "METHOD", "no method at the start of the request");
}

void HeadReader::take_line(std::string_view line) {
  check_unfinished(line);
  if (!has_request_line_) return take_request_line(line);
  if (line.empty()) return finish();
  field_bytes_ += line.size() + 2;
  take_field(line);
}

void HeadReader::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    refuse(400, "REQUEST_LINE", "a request line without method, target and version");
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  head_.method = line.substr(0, first);
  if (!is_token(head_.method)) refuse(400, "METHOD", "no method at the start of the request");
  if (target.empty() || !std::all_of(target.begin(), target.end(), is_visible_ascii))
    refuse(400, "TARGET", "a target with blanks, control characters or bytes over 127");
  if (!version.starts_with("HTTP/")) refuse(400, "VERSION", "no HTTP version at the end of the request line");
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    refuse(505, "VERSION", "another version of HTTP than 1.1 and 1.0");
  head_.target = target;
  head_.is_http_1_0 = version == "HTTP/1.0";
  has_request_line_ = true;
}

void HeadReader::take_field(std::string_view line) {
  if (head_.fields.size() == limits_.header_fields)
    refuse(431, "HEADERS", fmt::format("more than {} header fields", limits_.header_fields));
  if (line.front() == ' ' || line.front() == '\t') refuse(400, "FIELD", "a folded header line");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    refuse(400, "FIELD", "a header line without a name before its colon");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (std::any_of(value.begin(), value.end(), is_control))
    refuse(400, "FIELD", "a header field with control characters");
  head_.fields.emplace_back(lower_case(line.substr(0, colon)), std::string(value));
}

void HeadReader::finish() {
  const std::string* length = head_.find("content-length");
  const bool coded = head_.find("transfer-encoding") != nullptr;
  if (coded && length != nullptr) refuse(400, "CONTENT_LENGTH", "both Content-Length and Transfer-Encoding");
  if (coded) refuse(501, "TRANSFER_ENCODING", "a Transfer-Encoding, expected a Content-Length");
  if (head_.count("content-length") > 1) refuse(400, "CONTENT_LENGTH", "two Content-Length");
  if (length != nullptr) head_.body_bytes = parse_length(*length);
  if (head_.body_bytes > limits_.body_bytes)
    refuse(413, "BODY_SIZE",
           fmt::format("a body of {} bytes, at most {} are taken", head_.body_bytes, limits_.body_bytes));
  const std::string* expectation = head_.find("expect");
  if (expectation != nullptr && lower_case(*expectation) != "100-continue")
    refuse(417, "EXPECT", "an expectation that is not 100-continue");
  done_ = true;
}

}  // namespace attnscope::serve
