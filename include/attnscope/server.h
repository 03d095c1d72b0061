// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "attnscope/model.h"

namespace attnscope {

struct ServerOptions {
  std::string host = "127.0.0.1";  ///< an address to bind; other than loopback is the caller's decision
  std::uint16_t port = 0;          ///< 0: any that is free
  std::string token = {};          ///< 16 to 256 letters, digits, - and _; empty: 32 random ones
  std::string first_text = {};     ///< run when the page opens; empty: an example
  int threads = 0;                 ///< of a run, as RunOptions
};

/// The viewer's page and a model behind it, over HTTP to browsers on this machine. Requests as
/// docs/viewer_format.md says; all but the page need the token.
///
/// Threads: one of its own for connections, one for the model, whose requests queue, and one for pictures and
/// bytes of parts.
class Server {
 public:
  /// Binds and listens, and serves from now on.
  /// Throws:  StorageError (PORT_BUSY) with a hint, (BIND) with the system's reason; TextError for a first
  ///          text that is too long; InvalidArgument (TOKEN); CheckpointError for a model without a
  ///          tokenizer; UnsupportedModel (NO_SERVER) in a build without Boost.
  Server(const Model& model, const ServerOptions& options = {});
  Server(Server&&) noexcept;
  Server& operator=(Server&&) noexcept;
  ~Server();  ///< as stop()

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const;  ///< with the token: "http://127.0.0.1:8123/#token=..."

  /// Accepts nothing more, answers what runs for at most `drain_seconds`, then closes. Any thread.
  void stop(double drain_seconds = 5.0);
  /// Returns when it has stopped. `poll` is called every 50 ms or so; what it throws reaches the caller.
  void wait(const std::function<void()>& poll = nullptr);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether this build can serve (Boost was there).
[[nodiscard]] bool can_serve();

}  // namespace attnscope
