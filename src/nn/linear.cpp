// SPDX-License-Identifier: Apache-2.0
#include "nn/linear.h"

#include <algorithm>
#include <bit>

#include "nn/execution.h"

namespace attnscope::nn {
namespace {

// About 4 GFLOP, tens of milliseconds. Not few rows, for every piece reads the whole weight: at the 30522
// outputs of a masked-LM decoder pieces of 128 rows cost 7 % of its time, of 64 rows 20 %.
std::int64_t rows_between_polls(std::int64_t in, std::int64_t out) {
  constexpr std::int64_t kMultiplications = std::int64_t{2} << 30;
  constexpr std::int64_t kFewestRows = 128;
  const auto rows = static_cast<std::uint64_t>(kMultiplications / std::max<std::int64_t>(1, in * out));
  return std::max<std::int64_t>(kFewestRows, static_cast<std::int64_t>(std::bit_floor(rows)));
}

}  // namespace

Linear::Linear(const Scope& scope, std::int64_t in, std::int64_t out)
    : Module(scope.path(), "Linear"),
      // In braces, because only there the weight is sure to be named before the bias.
      product_{parameter(scope, "weight", {out, in}), parameter(scope, "bias", {out})} {}

Linear::Linear(std::string path, Tensor weight, Tensor bias)
    : Module(std::move(path), "Linear"), product_(weight, bias) {
  declare("weight", weight);
  declare("bias", bias);
}

Values Linear::forward(const Values& inputs, Execution& run) const {
  const Value& input = inputs[0];
  Value output{input.layout, nullptr, product_.out()};
  float* values = run.allocate(output);
  forward_rows(input.f32(), input.rows(run.batch()), values, run);
  return {output};
}

void Linear::forward_rows(const float* input, std::int64_t rows, float* output, Execution& run) const {
  const Timed timed(run.times(), Part::products);
  const std::int64_t step = rows_between_polls(product_.in(), product_.out());
  for (std::int64_t first = 0; first < rows; first += step) {
    run.poll().check();
    product_(input + first * product_.in(), product_.in(), std::min(step, rows - first),
             output + first * product_.out(), product_.out());
  }
}

}  // namespace attnscope::nn
