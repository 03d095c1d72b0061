// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "attnscope/probe.h"
#include "gradients/target.h"
#include "probe/perturbed_text.h"
#include "probe/target_values.h"

namespace attnscope {

Tensor leave_one_out(Run& run, const Sequence& text, const Target& target,
                     const std::vector<std::vector<std::int64_t>>& groups,
                     std::optional<std::int64_t> replacement_id) {
  const Target own_target = target_of_model(run.model(), target);
  const Perturbation perturbation(run.model(), text, own_target, replacement_id);
  std::vector<Sequence> texts{text};
  std::vector<Target> targets{own_target};
  std::vector<std::size_t> groups_of_texts;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    auto perturbed = perturbation.without(perturbation.flags(groups[group], group));
    if (!perturbed.has_value()) continue;
    texts.push_back(std::move(perturbed->text));
    targets.push_back(std::move(perturbed->target));
    groups_of_texts.push_back(group);
  }
  const std::vector<double> values = target_values(run, texts, targets);
  std::vector<float> changes(groups.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t i = 0; i < groups_of_texts.size(); ++i)
    changes[groups_of_texts[i]] = static_cast<float>(values[i + 1] - values[0]);
  return Tensor::of({static_cast<std::int64_t>(changes.size())}, changes);
}

}  // namespace attnscope
