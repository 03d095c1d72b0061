// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/memory.h"

namespace attnscope {

/// Memory for one purpose that only grows, so that a second use of the same size allocates nothing. What it
/// held is lost with each call.
class Scratch {
 public:
  /// Uninitialised, aligned to 64 bytes, valid until the next call.
  template <class Item>
  [[nodiscard]] Item* items(std::int64_t count) {
    return reinterpret_cast<Item*>(bytes(static_cast<std::size_t>(count) * sizeof(Item)));
  }
  [[nodiscard]] std::byte* bytes(std::size_t size_bytes) {
    if (size_bytes > capacity_bytes_) {
      memory_ = nullptr;  // first, so that old and new are never held together
      capacity_bytes_ = 0;
      memory_ = allocate_aligned(size_bytes);
      capacity_bytes_ = size_bytes;
    }
    return memory_.get();
  }

 private:
  std::shared_ptr<std::byte> memory_;
  std::size_t capacity_bytes_ = 0;
};

}  // namespace attnscope
