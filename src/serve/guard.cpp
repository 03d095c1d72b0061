// SPDX-License-Identifier: Apache-2.0
#include "serve/guard.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/message.h"

namespace attnscope::serve {
namespace {

constexpr std::string_view kTokenCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static_assert(kTokenCharacters.size() == 64, "6 bits of a random byte choose one");

[[noreturn]] void refuse(int status, const char* code, const std::string& what, const std::string& hint,
                         Fields fields = {}) {
  throw Refused{status, problem(ErrorKind::usage, code, "request").found("{}", what).hint("{}", hint),
                std::move(fields), false};
}

}  // namespace

std::string random_token() {
  std::array<unsigned char, 32> bytes{};
  for (std::size_t filled = 0; filled < bytes.size();) {
    const ssize_t count = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
    if (count > 0) filled += static_cast<std::size_t>(count);
    if (count < 0 && errno != EINTR)
      throw StorageError(problem(ErrorKind::storage, "RANDOM", "server").found("no random numbers"));
  }
  std::string token;
  for (const unsigned char byte : bytes) token += kTokenCharacters[byte % 64];
  return token;
}

void check_token_form(const std::string& token) {
  if (token.size() >= 16 && token.size() <= 256 &&
      token.find_first_not_of(kTokenCharacters) == std::string::npos)
    return;
  throw InvalidArgument(problem(ErrorKind::usage, "TOKEN", "token")
                            .found("{} characters, or others than letters, digits, - and _", token.size())
                            .hint("give 16 to 256 of them, or none for a random token"));
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  volatile unsigned char difference = left.size() == right.size() ? 0 : 1;
  for (std::size_t i = 0; i < right.size(); ++i) {
    const char other = left.empty() ? '\0' : left[i % left.size()];
    difference = static_cast<unsigned char>(difference | static_cast<unsigned char>(right[i] ^ other));
  }
  return difference == 0;
}

std::string host_in_url(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

Guard::Guard(const std::string& host, std::uint16_t port, std::string token)
    : host_(lower_case(host)), port_(port), token_(std::move(token)) {}

bool Guard::is_this_server(const std::string& host, const std::string& local_address) const {
  const std::string given = lower_case(host);
  for (const std::string& name : {std::string("127.0.0.1"), std::string("localhost"), std::string("::1"),
                                  host_, lower_case(local_address)}) {
    const std::string address = host_in_url(name);
    if (given == fmt::format("{}:{}", address, port_)) return true;
    if (port_ == 80 && given == address) return true;  // which browsers leave out
  }
  return false;
}

void Guard::check_source(const RequestHead& head, const std::string& local_address) const {
  if (head.count("host") != 1)
    refuse(400, "HOST", fmt::format("{} Host fields, expected one", head.count("host")), "");
  const std::string& host = *head.find("host");
  if (!is_this_server(host, local_address))
    refuse(421, "HOST", fmt::format("Host '{}', which is not this server", host),
           "open the address that attnscope serve printed");
  for (const auto& [name, value] : head.fields) {
    const bool other_origin = name == "origin" && lower_case(value) != "http://" + lower_case(host);
    const bool other_site = name == "sec-fetch-site" && value != "same-origin" && value != "none";
    if (other_origin || other_site)
      refuse(403, "ORIGIN", fmt::format("{} '{}'", name == "origin" ? "Origin" : "Sec-Fetch-Site", value),
             "only this server's own page may ask; type its address into a new tab");
  }
}

void Guard::check_token(const RequestHead& head) const {
  constexpr std::string_view kScheme = "bearer ";
  const std::string* given = head.find("authorization");
  const bool once = head.count("authorization") == 1;
  if (once && lower_case(given->substr(0, kScheme.size())) == kScheme &&
      equal_in_constant_time(trimmed(std::string_view(*given).substr(kScheme.size())), token_))
    return;
  refuse(401, "NO_ACCESS", given == nullptr ? "no token" : "a wrong token",
         "open the whole address that attnscope serve printed, #token= included",
         {{"WWW-Authenticate", "Bearer"}});
}

}  // namespace attnscope::serve
