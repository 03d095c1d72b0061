// SPDX-License-Identifier: Apache-2.0
#include "nn/hook_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace attnscope::nn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::uint64_t> ids(const HookTable& table, HookPoint point, std::size_t module) {
  std::vector<std::uint64_t> result;
  for (const HookEntry& entry : table.snapshot(point, module)) result.push_back(entry.id);
  return result;
}

TEST(HookTable, IsEmptyUntilAHookIsAdded) {
  HookTable table(3);
  EXPECT_TRUE(table.empty());
  table.add(HookPoint::after, {1}, [](HookEvent&) {}, {});
  EXPECT_FALSE(table.empty());
  EXPECT_TRUE(table.any(1));
  EXPECT_FALSE(table.any(0));
}

TEST(HookTable, KeepsTheTwoKindsOfHooksApart) {
  HookTable table(1);
  const auto before = table.add(HookPoint::before, {0}, [](HookEvent&) {}, {});
  const auto after = table.add(HookPoint::after, {0}, [](HookEvent&) {}, {});
  EXPECT_THAT(ids(table, HookPoint::before, 0), ElementsAre(before));
  EXPECT_THAT(ids(table, HookPoint::after, 0), ElementsAre(after));
}

TEST(HookTable, PutsPrependedHooksInFront) {
  HookTable table(1);
  const auto first = table.add(HookPoint::after, {0}, [](HookEvent&) {}, {});
  const auto second = table.add(HookPoint::after, {0}, [](HookEvent&) {}, {.prepend = true});
  EXPECT_THAT(ids(table, HookPoint::after, 0), ElementsAre(second, first));
}

TEST(HookTable, RemovesAHookFromAllOfItsModulesAndNoOther) {
  HookTable table(3);
  const auto gone = table.add(HookPoint::before, {0, 1, 2}, [](HookEvent&) {}, {});
  const auto kept = table.add(HookPoint::before, {1}, [](HookEvent&) {}, {});
  table.remove(gone);
  EXPECT_FALSE(table.contains(gone));
  EXPECT_TRUE(table.contains(kept));
  EXPECT_FALSE(table.any(0));
  EXPECT_THAT(ids(table, HookPoint::before, 1), ElementsAre(kept));
  table.remove(gone);
  EXPECT_TRUE(table.any(1)) << "removing twice takes nothing else away";
  table.remove(kept);
  EXPECT_TRUE(table.empty());
}

TEST(HookTable, GivesASnapshotThatLaterChangesDoNotReach) {
  HookTable table(1);
  int calls = 0;
  const auto id = table.add(HookPoint::after, {0}, [&](HookEvent&) { ++calls; }, {.always_call = true});
  const std::vector<HookEntry> snapshot = table.snapshot(HookPoint::after, 0);
  table.remove(id);
  ASSERT_EQ(snapshot.size(), 1U);
  EXPECT_TRUE(snapshot[0].always_call);
  HookEvent event(nullptr);
  (*snapshot[0].hook)(event);
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(ids(table, HookPoint::after, 0), IsEmpty());
}

}  // namespace
}  // namespace attnscope::nn
