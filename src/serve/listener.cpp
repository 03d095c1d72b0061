// SPDX-License-Identifier: Apache-2.0
#include "serve/listener.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <chrono>

#include "core/message.h"
#include "serve/connection.h"
#include "serve/port_holder.h"

namespace attnscope::serve {
namespace {

using boost::system::error_code;
using net::ip::tcp;

[[noreturn]] void refuse_to_bind(const std::string& host, std::uint16_t port, const error_code& error) {
  const std::string place = fmt::format("{}:{}", host_in_url(host), port);
  if (error == net::error::address_in_use)
    throw StorageError(
        problem(ErrorKind::storage, "PORT_BUSY", place)
            .found("the port is in use")
            .hint("{}; choose another with --port, or 0 for any that is free", port_holder(port)));
  throw StorageError(problem(ErrorKind::storage, "BIND", place)
                         .found("cannot listen: {}", error.message())
                         .hint("give an address of this machine"));
}

/// Addresses only: what a name means is looked up for "localhost" alone.
tcp::endpoint endpoint_of(const std::string& host, std::uint16_t port) {
  error_code error;
  const auto address = net::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
  if (error) refuse_to_bind(host, port, error);
  return {address, port};
}

std::string busy_answer() {
  Response response = error_response({503,
                                      problem(ErrorKind::limit, "CONNECTIONS", "server")
                                          .found("too many connections")
                                          .hint("close some pages"),
                                      {{"Retry-After", "1"}},
                                      true});
  return response_head(response) + response.body;
}

}  // namespace

Listener::Listener(net::io_context& context, const std::string& host, std::uint16_t port,
                   const Limits& limits)
    : context_(context), limits_(limits), acceptor_(context), pause_(context) {
  const tcp::endpoint endpoint = endpoint_of(host, port);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) refuse_to_bind(host, port, error);
  port_ = acceptor_.local_endpoint().port();
}

void Listener::start(Service& service) {
  service_ = &service;
  net::co_spawn(context_, accept_all(), [](const std::exception_ptr&) {});
}

void Listener::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& connection : connections_) connection->finish();
}

net::awaitable<void> Listener::accept_all() {
  while (acceptor_.is_open()) {
    error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(with_error(error));
    if (!error) {
      take(std::move(socket));
    } else if (acceptor_.is_open()) {
      // No descriptor or memory is left: others have to end first.
      pause_.expires_after(std::chrono::milliseconds(100));
      co_await pause_.async_wait(with_error(error));
    }
  }
}

/// Without memory for it the connection is closed.
void Listener::take(tcp::socket socket) try {
  if (connections_.size() >= limits_.connections) return turn_away(socket);
  const auto connection = std::make_shared<Connection>(std::move(socket), *service_, limits_);
  connections_.insert(connection);
  net::co_spawn(context_, connection->run(),
                [this, connection](const std::exception_ptr&) { connections_.erase(connection); });
} catch (const std::bad_alloc&) {
}

/// At once, so that they never take more than one descriptor together.
void Listener::turn_away(tcp::socket& socket) const {
  static const std::string answer = busy_answer();
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(net::buffer(answer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace attnscope::serve
