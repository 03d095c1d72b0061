// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attnscope/error.h"

namespace attnscope::serve {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// First line and header fields of a request.
struct RequestHead {
  std::string method;
  std::string target;
  bool is_http_1_0 = false;
  Fields fields;  ///< names in lower case
  std::size_t body_bytes = 0;

  [[nodiscard]] const std::string* find(std::string_view name) const;  ///< the first of that name
  [[nodiscard]] std::size_t count(std::string_view name) const;
  /// Whether a field that is a list has this word, in any case: has_word("connection", "close").
  [[nodiscard]] bool has_word(std::string_view name, std::string_view word) const;
};

struct HttpRequest {
  RequestHead head;
  std::string body;
};

struct Response {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
  Fields fields = {};
  bool close = false;    ///< the connection ends with it
  bool streams = false;  ///< the body follows in pieces
};

/// "Not Found"
[[nodiscard]] const char* reason_phrase(int status);

/// Thrown where a request is not answered as it wished.
struct Refused {
  int status;
  ErrorInfo info;
  Fields fields = {};
  bool close = false;
};

[[nodiscard]] Response json_response(std::string body);
/// {"error": {"code", "message", "field", "hint"}}
[[nodiscard]] std::string error_json(const ErrorInfo& info);
[[nodiscard]] Response error_response(const Refused& refused);
/// For the exception that is being handled.
[[nodiscard]] Refused refusal_of_current_exception();

/// First line and fields of an answer, with those that every answer has.
[[nodiscard]] std::string response_head(const Response& response);

[[nodiscard]] std::string lower_case(std::string_view text);
/// Without blanks and tabs around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// The parts between commas, trimmed.
[[nodiscard]] std::vector<std::string_view> list_items(std::string_view list);

}  // namespace attnscope::serve
