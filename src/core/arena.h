// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace attnscope {

/// Working memory that is handed out in pieces and taken back all at once. What it once held it keeps, so a
/// second run of the same size allocates nothing.
class Arena {
 public:
  /// Uninitialised, aligned to 64 bytes, valid until reset().
  [[nodiscard]] float* floats(std::int64_t count);
  /// Everything handed out so far may be handed out again.
  void reset();

 private:
  struct Block {
    std::shared_ptr<std::byte> memory;
    std::size_t size_bytes = 0;
  };
  std::vector<Block> blocks_;
  std::size_t block_ = 0;       // the block that pieces come from
  std::size_t used_bytes_ = 0;  // of that block
};

}  // namespace attnscope
