// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "attnscope/tensor.h"

namespace attnscope {

/// Memory that comes back when nobody holds it any longer, for the next request of about that size: the pages
/// of a large block are zeroed by the system when they are first touched, which takes longer than writing
/// them. Keeps no more than what was in use at once since the last request that found nothing fitting.
/// Threads may share it; blocks may outlive it.
class MemoryPool {
 public:
  MemoryPool();

  /// Uninitialised, aligned to 64 bytes.
  [[nodiscard]] std::shared_ptr<std::byte> take(std::size_t size_bytes);
  [[nodiscard]] Tensor tensor(const Shape& shape, DType dtype = DType::f32);

 private:
  struct Kept;
  std::shared_ptr<Kept> kept_;
};

}  // namespace attnscope
