// SPDX-License-Identifier: Apache-2.0
#include "core/memory_pool.h"

#include <gtest/gtest.h>

namespace attnscope {
namespace {

constexpr std::size_t kLarge = std::size_t{8} << 20;

TEST(MemoryPool, GivesABlockAgainThatNobodyHolds) {
  MemoryPool pool;
  const std::byte* first = pool.take(kLarge).get();
  const auto second = pool.take(kLarge - 4096);
  EXPECT_EQ(second.get(), first);
  const auto third = pool.take(kLarge);
  EXPECT_NE(third.get(), first);
}

TEST(MemoryPool, DoesNotGiveABlockThatIsMuchTooLarge) {
  MemoryPool pool;
  const auto held = pool.take(kLarge);  // its address cannot come again
  static_cast<void>(pool.take(kLarge * 2));
  const auto small = pool.take(kLarge);
  small.get()[kLarge - 1] = std::byte{1};
  EXPECT_NE(small, held);
}

TEST(MemoryPool, MayEndBeforeItsBlocks) {
  std::shared_ptr<std::byte> block;
  {
    MemoryPool pool;
    block = pool.take(kLarge);
  }
  block.get()[kLarge - 1] = std::byte{1};
}

TEST(MemoryPool, GivesTensorsThatMayBeWritten) {
  MemoryPool pool;
  Tensor tensor = pool.tensor({3, 5});
  tensor.mutable_view().fill(2.0F);
  EXPECT_EQ(tensor.at({2, 4}), 2.0F);
  EXPECT_FALSE(pool.tensor({0, 4}).empty());
}

}  // namespace
}  // namespace attnscope
