// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "serve/coroutines.h"
//
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "serve/exchange.h"
#include "serve/limits.h"
#include "serve/service.h"

namespace attnscope::serve {

/// One client's connection: reads a request, sends its answer, and so on. Requests that a client sends
/// without waiting are answered in order. While an answer is made it watches whether the client leaves.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(net::ip::tcp::socket socket, Service& service, const Limits& limits);

  /// Ends when the connection does.
  net::awaitable<void> run();
  /// Ends after the answer that it is at, or now if it is at none.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  net::awaitable<bool> serve_one();
  net::awaitable<void> wait_for_request();
  net::awaitable<RequestHead> read_head(Clock::time_point start);
  net::awaitable<void> read_body(HttpRequest& request, Clock::time_point start);
  net::awaitable<void> read_more(Clock::time_point deadline);
  net::awaitable<void> write(const std::string& bytes);
  net::awaitable<void> linger();

  net::awaitable<bool> answer(const Route& route, const HttpRequest& request);
  net::awaitable<bool> send_news(Exchange& exchange, const RequestHead& head);
  net::awaitable<void> refuse(Refused refused);
  [[nodiscard]] bool closes_after(const RequestHead& head) const;

  void watch(const std::shared_ptr<Exchange>& exchange);
  void look_at_client(const std::shared_ptr<Exchange>& exchange);
  void stop_watching();

  boost::beast::tcp_stream stream_;
  net::steady_timer news_;  // cancelled when an exchange has news
  Service& service_;
  Limits limits_;
  std::string local_address_;
  std::string input_;  // read, and not used yet
  bool closes_ = false;
  bool finishing_ = false;
  bool idle_ = true;
  bool served_any_ = false;
  bool streams_ = false;  // the answer that is sent
  int watch_number_ = 0;
};

}  // namespace attnscope::serve
