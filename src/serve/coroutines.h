// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>  // Boost 1.74's awaitable.hpp uses std::exchange without it

// Together what co_await on Asio's operations takes.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

namespace attnscope::serve {

namespace net = boost::asio;

/// To co_await an operation whose error goes into `error` instead of being thrown.
inline auto with_error(boost::system::error_code& error) {
  return net::redirect_error(net::use_awaitable, error);
}

}  // namespace attnscope::serve
