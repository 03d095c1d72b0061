// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace attnscope {

/// Uninitialised memory aligned to 64 bytes (one cache line, one AVX-512 register); null for 0 bytes.
[[nodiscard]] std::shared_ptr<std::byte> allocate_aligned(std::size_t size_bytes);

}  // namespace attnscope
