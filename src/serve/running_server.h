// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "attnscope/server.h"
#include "serve/limits.h"
#include "serve/listener.h"
#include "serve/service.h"

namespace attnscope::serve {

/// The server with limits of the caller's: what Server is made of, and what tests run.
class RunningServer {
 public:
  RunningServer(const Model& model, ServerOptions options, const Limits& limits = {});
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] std::string url() const;
  void stop(double drain_seconds);
  void wait(const std::function<void()>& poll);

 private:
  [[nodiscard]] bool has_connections();

  ServerOptions options_;
  net::io_context context_;
  Listener listener_;
  std::unique_ptr<Service> service_;
  std::mutex stopping_;  // one stop() at a time
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace attnscope::serve
