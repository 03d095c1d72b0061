// SPDX-License-Identifier: Apache-2.0
#include "serve/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "core/message.h"
#include "serve/head_reader.h"

namespace attnscope::serve {
namespace {

using boost::system::error_code;

/// Thrown inside a connection that is at its end.
struct Closed {};

const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kMostInputBytes = 64 << 10;   // beside a body
constexpr std::size_t kMostWriteBytes = 256 << 10;  // in the time of one write
constexpr std::size_t kMostLingerBytes = 16 << 20;

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, Service& service, const Limits& limits)
    : stream_(std::move(socket)), news_(stream_.get_executor()), service_(service), limits_(limits) {
  error_code error;
  const auto endpoint = stream_.socket().local_endpoint(error);
  if (!error) local_address_ = endpoint.address().to_string();
  stream_.socket().set_option(net::ip::tcp::no_delay(true), error);
}

net::awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  try {
    bool goes_on = true;
    while (goes_on && !finishing_) goes_on = co_await serve_one();
    co_await linger();
  } catch (const Closed&) {
  } catch (const std::exception&) {  // no memory: the client sees a closed connection
  }
  stop_watching();
  stream_.close();
}

void Connection::finish() {
  finishing_ = true;
  if (idle_) stream_.close();
}

net::awaitable<bool> Connection::serve_one() {
  std::optional<Refused> refused;
  bool goes_on = false;
  try {
    co_await wait_for_request();
    const Clock::time_point start = Clock::now();
    HttpRequest request;
    request.head = co_await read_head(start);
    const Route route = service_.admit(request.head, local_address_);
    co_await read_body(request, start);
    goes_on = co_await answer(route, request);
  } catch (const Closed&) {
    throw;
  } catch (...) {
    refused = refusal_of_current_exception();
  }
  // Not within the handler: a coroutine cannot wait there.
  if (refused) co_await refuse(std::move(*refused));
  co_return goes_on;
}

// ---- Reading

/// The first request of a connection has no idle time before it.
net::awaitable<void> Connection::wait_for_request() {
  if (!input_.empty()) co_return;
  idle_ = true;
  co_await read_more(Clock::now() + (served_any_ ? limits_.idle_time : limits_.header_time));
  idle_ = false;
}

net::awaitable<RequestHead> Connection::read_head(Clock::time_point start) {
  idle_ = false;
  HeadReader reader(limits_);
  while (true) {
    input_.erase(0, reader.take(input_));
    if (reader.done()) co_return reader.head();
    co_await read_more(start + limits_.header_time);
  }
}

net::awaitable<void> Connection::read_body(HttpRequest& request, Clock::time_point start) {
  const std::size_t size = request.head.body_bytes;
  if (input_.size() < size && request.head.find("expect") != nullptr) co_await write(kContinue);
  while (input_.size() < size) co_await read_more(start + limits_.request_time);
  request.body = input_.substr(0, size);
  input_.erase(0, size);
}

/// Throws Closed at the deadline and when the client has closed.
net::awaitable<void> Connection::read_more(Clock::time_point deadline) {
  std::array<char, 16 << 10> bytes;
  error_code error;
  stream_.expires_at(deadline);
  const std::size_t count = co_await stream_.async_read_some(net::buffer(bytes), with_error(error));
  if (error) throw Closed{};
  input_.append(bytes.data(), count);
}

// ---- Writing

net::awaitable<void> Connection::write(const std::string& bytes) {
  for (std::size_t written = 0; written < bytes.size();) {
    const std::size_t end = std::min(written + kMostWriteBytes, bytes.size());
    const Clock::time_point deadline = Clock::now() + limits_.write_time;
    while (written < end) {
      error_code error;
      stream_.expires_at(deadline);
      const auto rest = net::buffer(bytes.data() + written, end - written);
      const std::size_t count = co_await stream_.async_write_some(rest, with_error(error));
      if (error) throw Closed{};
      written += count;
    }
  }
}

net::awaitable<void> Connection::refuse(Refused refused) {
  refused.close = true;  // the rest of the request is not read
  const Response response = error_response(refused);
  const std::string bytes = response_head(response) + response.body;
  co_await write(bytes);
}

/// What the client still sends is read for a while: closing on unread bytes would reset the connection, and
/// the answer could be lost on its way.
net::awaitable<void> Connection::linger() {
  error_code error;
  stream_.socket().shutdown(net::ip::tcp::socket::shutdown_send, error);
  const Clock::time_point deadline = Clock::now() + limits_.linger_time;
  for (std::size_t read = input_.size(); !error && read < kMostLingerBytes; read += input_.size()) {
    input_.clear();
    co_await read_more(deadline);
  }
}

// ---- Answering

bool Connection::closes_after(const RequestHead& head) const {
  return finishing_ || head.is_http_1_0 || head.has_word("connection", "close");
}

net::awaitable<bool> Connection::answer(const Route& route, const HttpRequest& request) {
  served_any_ = true;
  const auto exchange = std::make_shared<Exchange>([weak = weak_from_this()] {
    if (const auto self = weak.lock())
      net::post(self->stream_.get_executor(), [self] { self->news_.cancel(); });
  });
  service_.answer(route, request, exchange);
  watch(exchange);
  bool ended = false;
  bool failed = false;
  try {
    while (!ended) ended = co_await send_news(*exchange, request.head);
  } catch (const Closed&) {
    failed = true;
  }
  stop_watching();
  exchange->leave();  // of one that has ended nobody asks
  if (failed) throw Closed{};
  co_return !closes_;
}

/// Sends what there is, or waits for it. Returns whether the answer is at its end.
net::awaitable<bool> Connection::send_news(Exchange& exchange, const RequestHead& head) {
  if (exchange.left()) throw Closed{};
  Exchange::News news = exchange.take();
  std::string bytes;
  if (news.response) {
    streams_ = news.response->streams;
    closes_ = news.response->close =
        news.response->close || closes_after(head) || (streams_ && head.is_http_1_0);
    bytes = response_head(*news.response);
    if (head.method != "HEAD") bytes += news.response->body;
  }
  if (!news.pieces.empty()) bytes += fmt::format("{:x}\r\n{}\r\n", news.pieces.size(), news.pieces);
  if (news.ended && streams_) bytes += "0\r\n\r\n";
  co_await write(bytes);
  if (bytes.empty() && !news.ended) {
    error_code error;
    news_.expires_at(Clock::time_point::max());
    co_await news_.async_wait(with_error(error));
  }
  co_return news.ended;
}

// ---- Watching the client while an answer is made

void Connection::watch(const std::shared_ptr<Exchange>& exchange) {
  const int number = watch_number_;
  stream_.socket().async_wait(net::socket_base::wait_read,
                              [self = shared_from_this(), exchange, number](const error_code& error) {
                                if (!error && number == self->watch_number_) self->look_at_client(exchange);
                              });
}

/// Something can be read: the next request, or the end.
void Connection::look_at_client(const std::shared_ptr<Exchange>& exchange) {
  std::array<char, 4096> bytes;
  const ssize_t count = ::recv(stream_.socket().native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  const bool nothing_yet = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  if (count > 0) input_.append(bytes.data(), static_cast<std::size_t>(count));
  if ((count <= 0 && !nothing_yet) || input_.size() > kMostInputBytes) {
    exchange->leave();
    news_.cancel();
    return;
  }
  watch(exchange);
}

void Connection::stop_watching() {
  ++watch_number_;
  error_code ignored;
  stream_.socket().cancel(ignored);
}

}  // namespace attnscope::serve
