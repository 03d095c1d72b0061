// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "serve/coroutines.h"
#include "serve/limits.h"
#include "serve/service.h"

namespace attnscope::serve {

class Connection;

/// Accepts connections, no more than the limit at once: others are told to come again later.
/// Threads: everything but the constructor and port() on the thread of the context.
class Listener {
 public:
  /// Binds and listens.
  /// Throws:  StorageError: PORT_BUSY with who holds it, BIND.
  Listener(net::io_context& context, const std::string& host, std::uint16_t port, const Limits& limits);
  [[nodiscard]] std::uint16_t port() const { return port_; }

  void start(Service& service);
  /// Accepts nothing more; connections end with the answer that they are at.
  void stop();
  [[nodiscard]] bool has_connections() const { return !connections_.empty(); }

 private:
  net::awaitable<void> accept_all();
  void take(net::ip::tcp::socket socket);
  void turn_away(net::ip::tcp::socket& socket) const;

  net::io_context& context_;
  Limits limits_;
  net::ip::tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::uint16_t port_ = 0;
  Service* service_ = nullptr;
  std::set<std::shared_ptr<Connection>> connections_;
};

}  // namespace attnscope::serve
