// SPDX-License-Identifier: Apache-2.0
#include "viewer/focus_effects.h"

#include "attnscope/probe.h"

namespace attnscope {

std::vector<std::optional<FocusEffects>> focus_effects(Run& run, const Encoding& encoding,
                                                       const std::vector<Focus>& focuses) {
  std::vector<std::optional<FocusEffects>> effects(focuses.size());
  std::optional<AblationScan> scan;
  for (std::size_t i = 0; i < focuses.size(); ++i) {
    if (!focuses[i].target) continue;
    if (!scan) scan = ablation_scan(run, {encoding.input_ids, encoding.token_type_ids});
    effects[i] = FocusEffects{target_value(scan->logits.view(), *focuses[i].target),
                              ablation_effects(*scan, *focuses[i].target)};
  }
  return effects;
}

}  // namespace attnscope
