// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "attnscope/hooks.h"

namespace attnscope::nn {

enum class HookPoint { before, after };

struct HookEntry {
  std::uint64_t id = 0;
  bool always_call = false;
  std::shared_ptr<const Hook> hook;
};

/// The hooks of a run and its siblings, by module id.
/// Threads: all functions may be called by several at once. The lock is never held while a hook runs or is
/// destroyed, because either may wait for locks of the hook's owner.
class HookTable {
 public:
  static constexpr std::size_t kMaxHooks = 100'000;

  explicit HookTable(std::size_t num_modules) : modules_(num_modules) {}
  /// The hooks that `other` has now.
  HookTable(const HookTable& other);
  HookTable& operator=(const HookTable&) = delete;

  /// One hook on several modules; returns the id that removes it from all of them. Returns 0 and adds nothing
  /// if there would be more than kMaxHooks.
  std::uint64_t add(HookPoint point, const std::vector<std::size_t>& modules, Hook hook,
                    const HookOptions& options);
  void remove(std::uint64_t id) noexcept;
  [[nodiscard]] bool contains(std::uint64_t id) const noexcept;

  [[nodiscard]] bool any(std::size_t module) const {
    return modules_[module].count.load(std::memory_order_relaxed) != 0;
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] std::size_t size() const { return num_hooks_.load(std::memory_order_relaxed); }
  /// A copy: a list is fixed when it starts to fire.
  [[nodiscard]] std::vector<HookEntry> snapshot(HookPoint point, std::size_t module) const;

 private:
  struct ModuleHooks {
    std::atomic<std::size_t> count = 0;  // of both lists, so that a call without hooks costs one test
    std::vector<HookEntry> before;
    std::vector<HookEntry> after;
  };
  mutable std::mutex mutex_;  // of all but the counts, which are read without it
  std::vector<ModuleHooks> modules_;
  std::atomic<std::size_t> num_hooks_ = 0;
  std::uint64_t next_id_ = 1;
};

}  // namespace attnscope::nn
