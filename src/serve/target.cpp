// SPDX-License-Identifier: Apache-2.0
#include "serve/target.h"

#include <algorithm>
#include <optional>

#include "core/message.h"
#include "serve/http.h"

namespace attnscope::serve {
namespace {

[[noreturn]] void refuse(int status, const char* what) {
  throw Refused{
      status, problem(ErrorKind::usage, status == 404 ? "NOT_FOUND" : "TARGET", "request").found("{}", what)};
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string decoded(std::string_view part) {
  std::string text;
  for (std::size_t i = 0; i < part.size(); ++i) {
    char c = part[i];
    if (c == '%') {
      const auto high = i + 2 < part.size() ? hex_digit(part[i + 1]) : std::nullopt;
      const auto low = i + 2 < part.size() ? hex_digit(part[i + 2]) : std::nullopt;
      if (!high || !low) refuse(400, "a % without two hexadecimal digits in the path");
      c = static_cast<char>(*high * 16 + *low);
      i += 2;
    }
    if (c <= ' ' || c >= '\x7F') refuse(400, "a path with characters other than visible ASCII");
    text += c;
  }
  return text;
}

std::string checked(std::string part) {
  const bool climbs = part == "." || part == "..";
  if (part.empty() || climbs || part.find_first_of("/\\") != std::string::npos) refuse(404, "no such path");
  return part;
}

}  // namespace

std::vector<std::string> path_parts(std::string_view target) {
  if (!target.starts_with('/')) refuse(400, "a target that is no path");
  target = target.substr(0, target.find('?'));
  std::vector<std::string> parts;
  if (target == "/") return parts;
  std::string_view rest = target;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find('/'), rest.size());
    parts.push_back(checked(decoded(rest.substr(0, end))));
    rest.remove_prefix(end);
  }
  return parts;
}

}  // namespace attnscope::serve
