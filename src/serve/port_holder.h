// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace attnscope::serve {

/// Who listens on a TCP port of this machine, for a hint: "process 4711 (python3) listens there", or how to
/// find out if the system does not tell.
[[nodiscard]] std::string port_holder(std::uint16_t port);

}  // namespace attnscope::serve
