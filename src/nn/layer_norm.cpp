// SPDX-License-Identifier: Apache-2.0
#include "nn/layer_norm.h"

#include "kernels/kernels.h"
#include "nn/elementwise.h"
#include "nn/execution.h"
#include "nn/parallel.h"

namespace attnscope::nn {

LayerNorm::LayerNorm(const Scope& scope, std::int64_t width, double eps)
    : Module(scope.path(), "LayerNorm"),
      weight_(parameter(scope, "weight", {width})),
      bias_(parameter(scope, "bias", {width})),
      eps_(static_cast<float>(eps)) {}

Value LayerNorm::apply(const Value& input, const float* residual, Execution& run) const {
  const Timed timed(run.times(), Part::norms);
  Value output = input;
  float* values = run.allocate(output);
  const kernels::LayerNorm norm{input.f32(), residual, weight_.f32(), bias_.f32(), eps_, input.width};
  parallel_rows(run, input.rows(run.batch()), input.width, [&](std::int64_t first, std::int64_t last) {
    kernels::layer_norm(norm, first, last, values);
  });
  return output;
}

Values LayerNorm::forward(const Values& inputs, Execution& run) const {
  return {apply(inputs[0], nullptr, run)};
}

Value LayerNorm::forward_sum(const Value& input, const Value& residual, Execution& run) const {
  return apply(input, residual.f32(), run);
}

Value add_and_norm(const LayerNorm& norm, const Value& input, const Value& residual, Execution& run) {
  if (!run.observed(norm)) return norm.forward_sum(input, residual, run);
  return run(norm, add(input, residual, run));
}

}  // namespace attnscope::nn
