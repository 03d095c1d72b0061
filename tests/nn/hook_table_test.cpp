// SPDX-License-Identifier: Apache-2.0
#include "nn/hook_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

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

TEST(HookTable, TakesAsManyHooksAsItsLimitAndNoMore) {
  HookTable table(2);
  const std::vector<std::size_t> both{0, 1};
  for (std::size_t hooks = 2; hooks < HookTable::kMaxHooks; hooks += 2)
    table.add(HookPoint::after, both, [](HookEvent&) {}, {});
  const auto last = table.add(HookPoint::after, {0}, [](HookEvent&) {}, {});
  EXPECT_EQ(table.add(HookPoint::after, both, [](HookEvent&) {}, {}), 0U);
  EXPECT_EQ(table.size(), HookTable::kMaxHooks - 1);
  table.remove(last);
  EXPECT_NE(table.add(HookPoint::after, both, [](HookEvent&) {}, {}), 0U);
}

/// Uses the table when it is destroyed, as a hook of Python waits for a lock of Python's.
struct AsksWhenDestroyed {
  explicit AsksWhenDestroyed(HookTable& the_table) : table(the_table) {}
  AsksWhenDestroyed(const AsksWhenDestroyed&) = delete;
  AsksWhenDestroyed& operator=(const AsksWhenDestroyed&) = delete;
  ~AsksWhenDestroyed() {
    table.add(HookPoint::after, {1}, [](HookEvent&) {}, {});
  }
  HookTable& table;
};

TEST(HookTable, DestroysAHookAfterItsLockIsGone) {
  HookTable table(2);
  const auto add = [&](const std::vector<std::size_t>& modules) {
    auto owned = std::make_shared<AsksWhenDestroyed>(table);
    return table.add(HookPoint::before, modules, [owned](HookEvent&) {}, {});
  };
  table.remove(add({0, 0}));
  EXPECT_EQ(table.size(), 1U) << "that of the destructor";
  EXPECT_EQ(add(std::vector<std::size_t>(HookTable::kMaxHooks)), 0U);
  EXPECT_EQ(table.size(), 2U);
}

TEST(HookTable, MayBeChangedAndReadByManyThreads) {
  HookTable table(3);
  const auto kept = table.add(HookPoint::after, {1}, [](HookEvent&) {}, {});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        const auto id = table.add(HookPoint::after, {0, 1}, [](HookEvent&) {}, {.prepend = true});
        EXPECT_TRUE(table.contains(id));
        EXPECT_EQ(table.snapshot(HookPoint::after, 1).back().id, kept);
        table.remove(id);
        EXPECT_FALSE(table.contains(id));
        EXPECT_TRUE(table.any(1));
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace attnscope::nn
