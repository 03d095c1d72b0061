// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "serve/http.h"

namespace attnscope::serve {

/// 32 random characters of A-Z, a-z, 0-9, - and _: 192 bits.
[[nodiscard]] std::string random_token();
/// Throws:  InvalidArgument (TOKEN) unless it has 16 to 256 of those characters.
void check_token_form(const std::string& token);

/// Takes as long wherever the texts differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

/// "127.0.0.1" as it stands in an address: IPv6 in brackets.
[[nodiscard]] std::string host_in_url(const std::string& host);

/// Keeps out what does not come from this server's own page: other sites in the same browser, also when their
/// name was made to resolve to this machine, and other users of the machine, who do not know the token.
class Guard {
 public:
  Guard(const std::string& host, std::uint16_t port, std::string token);

  /// `local_address`: the one that the connection came to, which a wildcard bind leaves open.
  /// Throws:  Refused: 400 for none or several Host, 421 for a Host that is not this server; 403 for
  ///          requests that another site makes.
  void check_source(const RequestHead& head, const std::string& local_address) const;
  /// Throws:  Refused (401).
  void check_token(const RequestHead& head) const;

 private:
  [[nodiscard]] bool is_this_server(const std::string& host, const std::string& local_address) const;

  std::string host_;
  std::uint16_t port_;
  std::string token_;
};

}  // namespace attnscope::serve
