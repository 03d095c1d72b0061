// SPDX-License-Identifier: Apache-2.0
#include "nn/hook_table.h"

#include <algorithm>

namespace attnscope::nn {

HookTable::HookTable(const HookTable& other) : modules_(other.modules_.size()) {
  const std::lock_guard lock(other.mutex_);
  for (std::size_t module = 0; module < modules_.size(); ++module) {
    modules_[module].before = other.modules_[module].before;
    modules_[module].after = other.modules_[module].after;
    modules_[module].count = other.modules_[module].count.load();
  }
  num_hooks_ = other.num_hooks_.load();
  next_id_ = other.next_id_;
}

std::uint64_t HookTable::add(HookPoint point, const std::vector<std::size_t>& modules, Hook hook,
                             const HookOptions& options) {
  HookEntry entry{0, options.always_call, std::make_shared<const Hook>(std::move(hook))};
  const std::lock_guard lock(mutex_);
  if (size() + modules.size() > kMaxHooks) return 0;
  entry.id = next_id_++;
  for (const std::size_t module : modules) {
    auto& entries = point == HookPoint::before ? modules_[module].before : modules_[module].after;
    entries.insert(options.prepend ? entries.begin() : entries.end(), entry);
    modules_[module].count += 1;
    num_hooks_ += 1;
  }
  return entry.id;
}

std::vector<HookEntry> HookTable::snapshot(HookPoint point, std::size_t module) const {
  const std::lock_guard lock(mutex_);
  return point == HookPoint::before ? modules_[module].before : modules_[module].after;
}

void HookTable::remove(std::uint64_t id) noexcept {
  std::shared_ptr<const Hook> last;  // keeps the one hook of all entries until the lock is gone
  const auto takes = [&](const HookEntry& entry) {
    if (entry.id == id) last = entry.hook;
    return entry.id == id;
  };
  const std::lock_guard lock(mutex_);
  for (ModuleHooks& hooks : modules_) {
    if (hooks.count == 0) continue;
    const std::size_t removed = std::erase_if(hooks.before, takes) + std::erase_if(hooks.after, takes);
    hooks.count -= removed;
    num_hooks_ -= removed;
  }
}

bool HookTable::contains(std::uint64_t id) const noexcept {
  const auto has_id = [id](const HookEntry& entry) { return entry.id == id; };
  const std::lock_guard lock(mutex_);
  return std::any_of(modules_.begin(), modules_.end(), [&](const ModuleHooks& hooks) {
    return std::any_of(hooks.before.begin(), hooks.before.end(), has_id) ||
           std::any_of(hooks.after.begin(), hooks.after.end(), has_id);
  });
}

}  // namespace attnscope::nn
