// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kernels/kernels.h"
#include "kernels/targets.h"
// After targets.h.
#include "hwy/highway.h"

namespace attnscope::kernels {
namespace {

// The best instruction set, or the one that is wanted; lower bits are better. A name that this processor does
// not have changes nothing: whoever sets the variable compares it with instruction_set().
std::int64_t choose_target(const char* wanted) {
  const std::int64_t available = hwy::SupportedTargets() & HWY_TARGETS;
  for (std::int64_t rest = available; wanted != nullptr && rest != 0; rest &= rest - 1)
    if (std::string_view(hwy::TargetName(rest & -rest)) == wanted) return rest & -rest;
  return available & -available;
}

// Update() instead of DisableTargets(), whose effect is undone by the next call of SupportedTargets().
std::int64_t chosen_target() {
  static const std::int64_t chosen = [] {
    const std::int64_t target = choose_target(std::getenv("ATTNSCOPE_ISA"));
    hwy::GetChosenTarget().Update(target);
    return target;
  }();
  return chosen;
}

}  // namespace

void choose_instruction_set() { chosen_target(); }

const char* instruction_set() { return hwy::TargetName(chosen_target()); }

}  // namespace attnscope::kernels
