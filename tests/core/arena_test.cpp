// SPDX-License-Identifier: Apache-2.0
#include "core/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace attnscope {
namespace {

constexpr std::int64_t kFloatsOfABlock = (std::int64_t{1} << 20) / 4;

bool is_aligned(const float* piece) { return reinterpret_cast<std::uintptr_t>(piece) % 64 == 0; }

std::vector<float*> take(Arena& arena, const std::vector<std::int64_t>& counts) {
  std::vector<float*> pieces;
  for (const std::int64_t count : counts) pieces.push_back(arena.floats(count));
  return pieces;
}

TEST(Arena, AlignsEveryPieceToACacheLine) {
  Arena arena;
  for (const std::int64_t count : {1, 3, 17, 0, 1000, 5})
    EXPECT_TRUE(is_aligned(arena.floats(count))) << count;
  EXPECT_TRUE(is_aligned(arena.floats(5 * kFloatsOfABlock)));
}

TEST(Arena, HandsOutPiecesThatDoNotOverlap) {
  Arena arena;
  const std::vector<std::int64_t> counts{100, 1, 2 * kFloatsOfABlock, 7, kFloatsOfABlock, 64};
  const std::vector<float*> pieces = take(arena, counts);
  for (std::size_t i = 0; i < pieces.size(); ++i) std::fill_n(pieces[i], counts[i], static_cast<float>(i));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_EQ(pieces[i][0], static_cast<float>(i));
    EXPECT_EQ(pieces[i][counts[i] - 1], static_cast<float>(i));
  }
}

TEST(Arena, HandsOutTheSameMemoryAfterAReset) {
  Arena arena;
  const std::vector<float*> first = take(arena, {10, 20, 30});
  arena.reset();
  EXPECT_EQ(take(arena, {10, 20, 30}), first);
}

TEST(Arena, HoldsInOneBlockWhatOnceTookSeveral) {
  Arena arena;
  const std::vector<std::int64_t> counts{kFloatsOfABlock, kFloatsOfABlock, kFloatsOfABlock};
  static_cast<void>(take(arena, counts));
  arena.reset();
  const std::vector<float*> second = take(arena, counts);
  EXPECT_EQ(second[1], second[0] + kFloatsOfABlock);
  EXPECT_EQ(second[2], second[1] + kFloatsOfABlock);
  arena.reset();
  EXPECT_EQ(take(arena, counts), second);
}

}  // namespace
}  // namespace attnscope
