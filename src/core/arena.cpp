// SPDX-License-Identifier: Apache-2.0
#include "core/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "core/memory.h"

namespace attnscope {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kMinBlock = std::size_t{1} << 20;

std::size_t round_up(std::size_t value, std::size_t step) { return (value + step - 1) / step * step; }

}  // namespace

std::shared_ptr<std::byte> allocate_aligned(std::size_t size_bytes) {
  if (size_bytes == 0) return nullptr;
  const auto alignment = std::align_val_t{size_bytes < kHugePage ? kAlignment : kHugePage};
  auto* memory = static_cast<std::byte*>(::operator new(size_bytes, alignment));
  // Fresh 4 KiB pages cost more than the work on them; the advice may be ignored, which is fine.
  if (size_bytes >= kHugePage) ::madvise(memory, size_bytes, MADV_HUGEPAGE);
  return {memory, [alignment](std::byte* pointer) { ::operator delete(pointer, alignment); }};
}

float* Arena::floats(std::int64_t count) {
  const std::size_t wanted = round_up(static_cast<std::size_t>(count) * sizeof(float), kAlignment);
  while (block_ < blocks_.size() && blocks_[block_].size_bytes - used_bytes_ < wanted) {
    ++block_;
    used_bytes_ = 0;
  }
  if (block_ == blocks_.size()) {
    const std::size_t size_bytes = std::max(wanted, kMinBlock);
    blocks_.push_back({allocate_aligned(size_bytes), size_bytes});
  }
  auto* piece = reinterpret_cast<float*>(blocks_[block_].memory.get() + used_bytes_);
  used_bytes_ += wanted;
  return piece;
}

void Arena::reset() {
  block_ = 0;
  used_bytes_ = 0;
  if (blocks_.size() <= 1) return;
  // Several blocks mean that the guess was too small: next time one block holds all of it.
  std::size_t total = 0;
  for (const Block& block : blocks_) total += block.size_bytes;
  blocks_.clear();
  blocks_.push_back({allocate_aligned(total), total});
}

}  // namespace attnscope
