// SPDX-License-Identifier: Apache-2.0
#include "nn/linear.h"

#include "nn/execution.h"

namespace attnscope::nn {

Linear::Linear(const Scope& scope, std::int64_t in, std::int64_t out)
    : Module(scope.path(), "Linear"),
      // In braces, because only there the weight is sure to be named before the bias.
      product_{parameter(scope, "weight", {out, in}), parameter(scope, "bias", {out})} {}

Linear::Linear(std::string path, Tensor weight, Tensor bias)
    : Module(std::move(path), "Linear"), product_(weight, bias) {
  declare("weight", weight.shape());
  declare("bias", bias.shape());
}

Values Linear::forward(const Values& inputs, Execution& run) const {
  const Value& input = inputs[0];
  Value output{input.layout, nullptr, product_.out()};
  float* values = run.allocate(output);
  product_(input.f32(), input.width, input.rows(run.batch()), values, output.width);
  return {output};
}

}  // namespace attnscope::nn
