// SPDX-License-Identifier: Apache-2.0
#include "serve/running_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <future>
#include <new>

#include "serve/connection.h"
#include "serve/guard.h"

namespace attnscope::serve {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kInterval{50};

ServerOptions with_token(ServerOptions options) {
  if (options.token.empty()) options.token = random_token();
  check_token_form(options.token);
  return options;
}

/// Until the context is stopped. What has no memory is dropped, and the rest goes on.
void run(net::io_context& context) {
  while (!context.stopped()) {
    try {
      context.run();
    } catch (const std::bad_alloc&) {
    }
  }
}

}  // namespace

RunningServer::RunningServer(const Model& model, ServerOptions options, const Limits& limits)
    : options_(with_token(std::move(options))),
      context_(1),
      listener_(context_, options_.host, options_.port, limits),
      service_(std::make_unique<Service>(model, options_, limits,
                                         Guard(options_.host, listener_.port(), options_.token))) {
  listener_.start(*service_);
  thread_ = std::thread([this] {
    const auto work = net::make_work_guard(context_);
    run(context_);
  });
}

RunningServer::~RunningServer() { stop(5.0); }

std::string RunningServer::url() const {
  const bool wildcard = options_.host == "0.0.0.0" || options_.host == "::";
  const std::string host = wildcard ? "127.0.0.1" : host_in_url(options_.host);
  return fmt::format("http://{}:{}/#token={}", host, port(), options_.token);
}

bool RunningServer::has_connections() {
  std::promise<bool> answer;
  net::post(context_, [this, &answer] { answer.set_value(listener_.has_connections()); });
  return answer.get_future().get();
}

void RunningServer::stop(double drain_seconds) {
  const std::lock_guard one_at_a_time(stopping_);
  if (!thread_.joinable()) return;
  const auto deadline = Clock::now() + std::chrono::duration<double>(std::max(drain_seconds, 0.0));
  net::post(context_, [this] { listener_.stop(); });
  while (has_connections() && Clock::now() < deadline) std::this_thread::sleep_for(kInterval / 5);
  context_.stop();
  thread_.join();
  service_.reset();  // ends what the model still does
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void RunningServer::wait(const std::function<void()>& poll) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, [this] { return stopped_; })) {
    lock.unlock();
    if (poll) poll();
    lock.lock();
  }
}

}  // namespace attnscope::serve
