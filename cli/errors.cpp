// SPDX-License-Identifier: Apache-2.0
#include "errors.h"

#include <fmt/format.h>

#include <cstdio>

#include "attnscope/outputs.h"

namespace attnscope::cli {
namespace {

std::string json_of(const ErrorInfo& info) {
  JsonWriter json;
  json.begin_object().key("error").begin_object();
  json.key("code").value(info.code).key("message").value(to_string(info)).key("file").value(info.file);
  json.key("offset");
  if (info.offset) {
    json.value(static_cast<std::int64_t>(*info.offset));
  } else {
    json.null();
  }
  return json.key("field").value(info.field).end_object().end_object().text();
}

/// What cannot be written to stderr cannot be reported anywhere.
void write_error_line(const std::string& line) { std::fputs((line + '\n').c_str(), stderr); }

}  // namespace

InvalidArgument usage_error(const std::string& option, const std::string& what, const std::string& hint) {
  ErrorInfo info;
  info.kind = ErrorKind::usage;
  info.code = "USAGE";
  info.file = option;
  info.what = what;
  info.hint = hint;
  info.field = option;
  return InvalidArgument(std::move(info));
}

void report(const ErrorInfo& info, ErrorStyle style) {
  if (style == ErrorStyle::json) {
    write_error_line(json_of(info));
  } else {
    write_error_line(
        fmt::format("attnscope: error[{}]: {}", info.code, escape_for_terminal(to_string(info))));
  }
}

void note(const std::string& text, ErrorStyle style) {
  if (style == ErrorStyle::json) {
    JsonWriter json;
    write_error_line(json.begin_object().key("note").value(text).end_object().text());
  } else {
    write_error_line("attnscope: note: " + escape_for_terminal(text));
  }
}

}  // namespace attnscope::cli
