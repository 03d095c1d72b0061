// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "attnscope/model.h"
#include "attnscope/server.h"
#include "serve/document_store.h"
#include "serve/guard.h"
#include "serve/jobs.h"
#include "serve/limits.h"
#include "serve/route.h"

namespace attnscope::serve {

/// What the server answers; knows no sockets.
///
/// Threads: called on the thread of the connections. Work of the model is done on a thread of its own, and
/// what takes long without the model (bytes of parts, pictures) on another.
class Service {
 public:
  /// Throws:  TextError for a first text that the model cannot take.
  Service(const Model& model, const ServerOptions& options, const Limits& limits, Guard guard);

  /// To be called before a body is read.
  /// Throws:  Refused.
  [[nodiscard]] Route admit(const RequestHead& head, const std::string& local_address) const;
  /// Answers now or later.
  void answer(const Route& route, const HttpRequest& request, const std::shared_ptr<Exchange>& exchange);

 private:
  void start(const Route& route, const HttpRequest& request, const std::shared_ptr<Exchange>& exchange);
  void start_with_body(const Route& route, const std::string& body,
                       const std::shared_ptr<Exchange>& exchange);
  void start_part(const Route& route, const RequestHead& head, const std::shared_ptr<Exchange>& exchange);
  void start_add(const std::string& body, const std::shared_ptr<Exchange>& exchange);
  void run_first(const std::string& text);
  void send_model(const std::shared_ptr<Exchange>& exchange);
  [[nodiscard]] std::string describe_model(const std::optional<std::string>& first) const;
  [[nodiscard]] std::string list() const;
  std::string add(const std::string& text);

  Model model_;
  Limits limits_;
  Guard guard_;
  DocumentStore documents_;
  mutable std::mutex mutex_;  // of the two below
  bool first_done_ = false;
  std::optional<std::string> first_;
  Run run_;
  // The last members: their threads end before what they use.
  Jobs reading_;
  Jobs model_jobs_;
};

}  // namespace attnscope::serve
