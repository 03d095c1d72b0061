// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace attnscope::serve {

/// What a client may take. The defaults are the server's; tests shorten the times.
struct Limits {
  using Time = std::chrono::milliseconds;
  Time header_time{10'000};   ///< from the first byte of a request (of a connection: from its start)
  Time request_time{30'000};  ///< the whole request
  Time write_time{30'000};    ///< without progress while an answer is sent
  Time idle_time{60'000};     ///< between two requests of a connection
  Time linger_time{1'000};    ///< for what a client still sends when it was refused
  std::size_t connections = 256;
  std::size_t request_line_bytes = 8 << 10;
  std::size_t header_bytes = 32 << 10;
  std::size_t header_fields = 100;
  std::size_t body_bytes = 1 << 20;
  std::size_t text_bytes = 64 << 10;
  std::size_t waiting_jobs = 8;
  std::size_t document_bytes = 128 << 20;
};

}  // namespace attnscope::serve
