// SPDX-License-Identifier: Apache-2.0
#include "gradients/path.h"

#include <algorithm>

#include "core/message.h"
#include "gradients/backward.h"

namespace attnscope {

std::vector<double> path_points(const PathOptions& options) {
  if (options.steps < 1)
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "path")
                              .field("steps")
                              .found("{}", options.steps)
                              .hint("give 1 or more; 64 is usual"));
  const double shift = options.rule == PathOptions::Rule::middle ? 0.5 : 0.0;
  std::vector<double> points;
  for (std::int64_t step = 0; step < options.steps; ++step)
    points.push_back((static_cast<double>(step) + shift) / static_cast<double>(options.steps));
  return points;
}

std::vector<std::vector<double>> path_batches(const PathOptions& options, std::int64_t tokens) {
  const auto size =
      static_cast<std::size_t>(std::max<std::int64_t>(1, kTokensAtOnce / std::max<std::int64_t>(1, tokens)));
  std::vector<std::vector<double>> batches;
  for (const double point : path_points(options)) {
    if (batches.empty() || batches.back().size() == size) batches.emplace_back();
    batches.back().push_back(point);
  }
  return batches;
}

}  // namespace attnscope
