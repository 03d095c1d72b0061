// SPDX-License-Identifier: Apache-2.0
#include "attnscope/server.h"

#include "serve/running_server.h"

namespace attnscope {

struct Server::Impl {
  Impl(const Model& model, const ServerOptions& options) : running(model, options) {}
  serve::RunningServer running;
};

Server::Server(const Model& model, const ServerOptions& options)
    : impl_(std::make_unique<Impl>(model, options)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::uint16_t Server::port() const { return impl_->running.port(); }
std::string Server::url() const { return impl_->running.url(); }
void Server::stop(double drain_seconds) { impl_->running.stop(drain_seconds); }
void Server::wait(const std::function<void()>& poll) { impl_->running.wait(poll); }

bool can_serve() { return true; }

}  // namespace attnscope
