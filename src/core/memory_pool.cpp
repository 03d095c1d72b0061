// SPDX-License-Identifier: Apache-2.0
#include "core/memory_pool.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "core/memory.h"

namespace attnscope {
namespace {

// Smaller ones the allocator reuses by itself.
constexpr std::size_t kSmallest = std::size_t{1} << 20;

struct Block {
  std::shared_ptr<std::byte> memory;
  std::size_t size_bytes = 0;
};

// A block may be a quarter larger than what it is used for.
bool fits(const Block& block, std::size_t size_bytes) {
  return block.size_bytes >= size_bytes && block.size_bytes - size_bytes <= size_bytes / 4;
}

}  // namespace

struct MemoryPool::Kept {
  std::mutex mutex;
  std::vector<Block> blocks;

  // The smallest block that fits. If there is none, what is kept is of no use now and goes.
  Block take(std::size_t size_bytes) {
    const std::lock_guard lock(mutex);
    auto best = blocks.end();
    for (auto block = blocks.begin(); block != blocks.end(); ++block)
      if (fits(*block, size_bytes) && (best == blocks.end() || block->size_bytes < best->size_bytes))
        best = block;
    if (best == blocks.end()) {
      blocks.clear();
      return {};
    }
    Block taken = std::move(*best);
    blocks.erase(best);
    return taken;
  }

  void give_back(Block block) {
    const std::lock_guard lock(mutex);
    blocks.push_back(std::move(block));
  }
};

MemoryPool::MemoryPool() : kept_(std::make_shared<Kept>()) {}

std::shared_ptr<std::byte> MemoryPool::take(std::size_t size_bytes) {
  if (size_bytes < kSmallest) return allocate_aligned(size_bytes);
  Block block = kept_->take(size_bytes);
  if (block.memory == nullptr) block = {allocate_aligned(size_bytes), size_bytes};
  std::byte* memory = block.memory.get();
  return {memory, [block = std::move(block), pool = std::weak_ptr<Kept>(kept_)](std::byte*) mutable {
            if (const auto kept = pool.lock()) kept->give_back(std::move(block));
          }};
}

Tensor MemoryPool::tensor(const Shape& shape, DType dtype) {
  const std::size_t size_bytes = static_cast<std::size_t>(shape.count()) * size_in_bytes(dtype);
  return Tensor::adopt(take(std::max<std::size_t>(size_bytes, 1)), dtype, shape);
}

}  // namespace attnscope
