// SPDX-License-Identifier: Apache-2.0
#include "serve/route.h"

#include "core/message.h"
#include "serve/target.h"

namespace attnscope::serve {
namespace {

[[noreturn]] void not_found(const std::string& target) {
  throw Refused{404, problem(ErrorKind::usage, "NOT_FOUND", "request").found("no path '{}'", target)};
}

/// The routes below /api.
Route find_api_route(const std::vector<std::string>& parts, const RequestHead& head) {
  const std::size_t count = parts.size();
  if (count == 2 && parts[1] == "model") return {Action::model};
  if (count == 2 && parts[1] == "documents") return {head.method == "POST" ? Action::add : Action::list};
  if (count < 4 || parts[1] != "documents") not_found(head.target);
  if (count == 5 && parts[3] == "parts") return {Action::part, parts[2], parts[4]};
  if (count == 4 && parts[3] == "report") return {Action::report, parts[2]};
  if (count == 4 && parts[3] == "ablate") return {Action::ablate, parts[2]};
  if (count == 4 && parts[3] == "scan") return {Action::scan, parts[2]};
  if (count == 4 && parts[3] == "figure") return {Action::figure, parts[2]};
  not_found(head.target);
}

void check_method(const Route& route, const RequestHead& head) {
  const bool reads = head.method == "GET" || head.method == "HEAD";
  if (route.has_body() ? head.method == "POST" : reads) return;
  const bool both = route.action == Action::list;
  const char* allowed = both ? "GET, HEAD, POST" : route.has_body() ? "POST" : "GET, HEAD";
  throw Refused{405,
                problem(ErrorKind::usage, "METHOD", "request")
                    .found("the method {} does not go with {}", head.method, head.target)
                    .hint("use {}", allowed),
                {{"Allow", allowed}}};
}

}  // namespace

bool Route::has_body() const {
  return action == Action::add || action == Action::ablate || action == Action::scan ||
         action == Action::figure;
}

bool is_protected(const RequestHead& head) {
  const std::vector<std::string> parts = path_parts(head.target);
  return !parts.empty() && parts.front() == "api";
}

Route find_route(const RequestHead& head) {
  const std::vector<std::string> parts = path_parts(head.target);
  if (!parts.empty() && parts.front() != "api") not_found(head.target);
  const Route route = parts.empty() ? Route{} : find_api_route(parts, head);
  check_method(route, head);
  return route;
}

}  // namespace attnscope::serve
