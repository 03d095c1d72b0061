// SPDX-License-Identifier: Apache-2.0
#include "nn/linear.h"

#include <algorithm>
#include <bit>

#include "nn/execution.h"
#include "nn/parallel.h"

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

ProductRows rows_of(const Value& input, std::int64_t first, std::int64_t count, float* output,
                    std::int64_t out) {
  return {input.f32() + first * input.width, input.width, count, output + first * out, out};
}

}  // namespace

Linear::Linear(const Scope& scope, std::int64_t in, std::int64_t out, Precision precision)
    : Module(scope.path(), "Linear"),
      // In braces, because only there a missing weight is sure to be named before the bias.
      product_{scope.take("weight", {out, in}), scope.take("bias", {out}), precision} {
  declare_parameters();
}

Linear::Linear(std::string path, Tensor weight, Tensor bias)
    : Module(std::move(path), "Linear"), product_(std::move(weight), std::move(bias)) {
  declare_parameters();
}

// The weight is left to the product alone, which keeps it in one form.
void Linear::declare_parameters() {
  declare("weight", {product_.out(), product_.in()}, product_.weight(), product_.weight_identity());
  declare("bias", product_.bias());
}

Values Linear::forward(const Values& inputs, Execution& run) const {
  return {forward_part(inputs[0], {}, run)};
}

Value Linear::forward_part(const Value& input, const LinearPart& part, Execution& run) const {
  const Timed timed(run.times(), Part::products);
  Value output{input.layout, nullptr, product_.out()};
  float* values = run.allocate(output);
  const ColumnRange all{0, product_.out()};
  const std::span<const ColumnRange> columns = part.columns.value_or(std::span(&all, 1));
  const auto count = part.rows ? static_cast<std::int64_t>(part.rows->size()) : input.rows(run.batch());
  const std::int64_t step = rows_between_polls(product_.in(), product_.out());
  for (std::int64_t first = 0; first < count; first += step) {
    run.poll().check();
    ProductRows rows =
        rows_of(input, part.rows ? 0 : first, std::min(step, count - first), values, output.width);
    if (part.rows) rows.list = part.rows->data() + first;
    product_(rows, columns);
  }
  return output;
}

Value Linear::forward_activated(const Value& input, kernels::Activation activation, Execution& run) const {
  const Timed timed(run.times(), Part::products);
  Value output{input.layout, nullptr, product_.out()};
  float* values = run.allocate(output);
  const std::int64_t count = input.rows(run.batch());
  const std::int64_t step = rows_between_polls(product_.in(), product_.out());
  for (std::int64_t first = 0; first < count; first += step) {
    const std::int64_t rows = std::min(step, count - first);
    product_(rows_of(input, first, rows, values, output.width));
    const Timed activating(run.times(), Part::activations);
    float* done = values + first * output.width;
    parallel_rows(run, rows, output.width, [&](std::int64_t begin, std::int64_t end) {
      kernels::activate(activation, done + begin * output.width, (end - begin) * output.width);
    });
  }
  return output;
}

}  // namespace attnscope::nn
