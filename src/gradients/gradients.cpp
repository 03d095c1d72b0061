// SPDX-License-Identifier: Apache-2.0
#include "attnscope/gradients.h"

#include "core/message.h"
#include "gradients/backward.h"
#include "gradients/target.h"

namespace attnscope {

std::vector<TextGradients> gradients(Run& run, const std::vector<Sequence>& texts,
                                     const std::vector<Target>& targets, const GradientRequest& request) {
  if (texts.size() != targets.size())
    throw InvalidArgument(problem(ErrorKind::usage, "TARGET", "gradients")
                              .found("{} targets for {} texts", targets.size(), texts.size())
                              .hint("give one for each"));
  std::vector<Target> of_model;
  for (const Target& target : targets) of_model.push_back(target_of_model(run.model(), target));
  Run own = run.fork();
  return run_backward(own, texts, of_model, {.kept = request});
}

}  // namespace attnscope
