// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "analysis/matrices.h"
#include "analysis/rows.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {

Tensor without_tokens(const TensorView& weights, const TokenSet& tokens, Hidden rule) {
  const Matrices matrices(weights, "weights");
  check_token_count(tokens.size(), matrices.n(), "tokens");
  std::vector<std::int64_t> kept;
  for (std::int64_t token = 0; token < matrices.n(); ++token)
    if (!tokens[static_cast<std::size_t>(token)]) kept.push_back(token);
  if (kept.empty())
    refuse("SHAPE", "tokens", "has all {} tokens in it, expected that some stay", tokens.size());
  const auto count = static_cast<std::int64_t>(kept.size());
  Tensor result(shape_of_stack(matrices.leading(), count));
  float* out = result.mutable_view().f32();
  std::vector<double> left(kept.size());
  for (std::int64_t matrix = 0; matrix < matrices.count(); ++matrix) {
    for (const std::int64_t query : kept) {
      const float* row = matrices.row(matrix, query);
      std::transform(kept.begin(), kept.end(), left.begin(), [row](std::int64_t key) { return row[key]; });
      if (rule == Hidden::renormalise) divide_by_sum(left.data(), count);
      out = put_floats(left.data(), count, out);
    }
  }
  return result;
}

}  // namespace attnscope::analysis
