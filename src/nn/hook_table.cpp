// SPDX-License-Identifier: Apache-2.0
#include "nn/hook_table.h"

#include <algorithm>

namespace attnscope::nn {

std::uint64_t HookTable::add(HookPoint point, const std::vector<std::size_t>& modules, Hook hook,
                             const HookOptions& options) {
  const HookEntry entry{next_id_++, options.always_call, std::make_shared<const Hook>(std::move(hook))};
  for (const std::size_t module : modules) {
    auto& entries = point == HookPoint::before ? modules_[module].before : modules_[module].after;
    entries.insert(options.prepend ? entries.begin() : entries.end(), entry);
    modules_[module].count += 1;
    num_hooks_ += 1;
  }
  return entry.id;
}

std::vector<HookEntry> HookTable::snapshot(HookPoint point, std::size_t module) const {
  return point == HookPoint::before ? modules_[module].before : modules_[module].after;
}

void HookTable::remove(std::uint64_t id) noexcept {
  for (ModuleHooks& hooks : modules_) {
    if (hooks.count == 0) continue;
    const auto has_id = [id](const HookEntry& entry) { return entry.id == id; };
    const std::size_t removed = std::erase_if(hooks.before, has_id) + std::erase_if(hooks.after, has_id);
    hooks.count -= removed;
    num_hooks_ -= removed;
  }
}

bool HookTable::contains(std::uint64_t id) const noexcept {
  const auto has_id = [id](const HookEntry& entry) { return entry.id == id; };
  return std::any_of(modules_.begin(), modules_.end(), [&](const ModuleHooks& hooks) {
    return std::any_of(hooks.before.begin(), hooks.before.end(), has_id) ||
           std::any_of(hooks.after.begin(), hooks.after.end(), has_id);
  });
}

}  // namespace attnscope::nn
