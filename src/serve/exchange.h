// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "serve/http.h"

namespace attnscope::serve {

/// Thrown out of work whose client has left.
struct Left {};

/// An answer on its way from the thread that makes it to the connection that sends it.
class Exchange {
 public:
  /// `wake` is called, on any thread, when there is something to take.
  explicit Exchange(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Of the maker.
  void send(Response response);  ///< whole, or the head of one that streams
  void send_piece(const std::string& piece);
  void end();  ///< of a stream
  /// Instead of what was wished; in a stream a last line.
  void fail(const Refused& refused);
  /// Throws Left.
  void check() const {
    if (left()) throw Left{};
  }
  [[nodiscard]] bool left() const { return left_.load(); }

  // Of the connection.
  struct News {
    std::optional<Response> response;
    std::string pieces;
    bool ended = false;
  };
  [[nodiscard]] News take();  ///< what came since the last call
  void leave() { left_.store(true); }

 private:
  void change(const std::function<void()>& what);

  std::function<void()> wake_;
  std::atomic<bool> left_ = false;
  std::mutex mutex_;
  News news_;
  bool streaming_ = false;
};

}  // namespace attnscope::serve
