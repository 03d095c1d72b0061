// SPDX-License-Identifier: Apache-2.0
//
// In place of the server in a build without Boost.

#include "attnscope/server.h"
#include "core/message.h"

namespace attnscope {

struct Server::Impl {};

Server::Server(const Model&, const ServerOptions&) {
  throw UnsupportedModel(problem(ErrorKind::input, "NO_SERVER", "server")
                             .found("this build of attnscope has no server")
                             .hint("build it with Boost (on Debian: apt install libboost-dev)"));
}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

// No Server exists that these could be asked of.
std::uint16_t Server::port() const { return 0; }
std::string Server::url() const { return {}; }
void Server::stop(double) {}
void Server::wait(const std::function<void()>&) {}

bool can_serve() { return false; }

}  // namespace attnscope
