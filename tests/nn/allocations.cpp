// SPDX-License-Identifier: Apache-2.0
//
// Replaces the operators of the whole program, so it is linked into tests that count.
#include "nn/allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::atomic<int> count = 0;

void* counted(std::size_t size_bytes, std::size_t alignment) {
  ++count;
  const std::size_t whole = (size_bytes / alignment + 1) * alignment;  // more than 0
  void* memory = std::aligned_alloc(alignment, whole);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

namespace attnscope::test {

int allocations() { return count; }

}  // namespace attnscope::test

void* operator new(std::size_t size_bytes) { return counted(size_bytes, alignof(std::max_align_t)); }
void* operator new(std::size_t size_bytes, std::align_val_t alignment) {
  return counted(size_bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
