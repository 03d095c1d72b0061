// SPDX-License-Identifier: Apache-2.0
#include "nn/panel_product.h"

#include <algorithm>
#include <utility>

#include "core/memory.h"
#include "core/scratch.h"
#include "kernels/kernels.h"

namespace attnscope::nn {
namespace {

constexpr std::int64_t kRowBlock = 128;         // rows that share one reading of a panel
constexpr std::int64_t kSmallWork = 64 * 1024;  // below, waking a thread costs more than it saves

// In place of each float the nearest bf16 number.
void round_rows(const float* source, std::int64_t rows, std::int64_t width, float* target) {
#pragma omp parallel for if (rows * width > kSmallWork)
  for (std::int64_t row = 0; row < rows; ++row) {
    thread_local Scratch scratch;
    auto* rounded = scratch.items<std::uint16_t>(width);
    kernels::f32_to_bf16(source + row * width, rounded, width);
    kernels::bf16_to_f32(rounded, target + row * width, width);
  }
}

const float* widened(const void* input, std::int64_t count, Precision precision) {
  if (precision == Precision::fp32) return static_cast<const float*>(input);
  thread_local Scratch scratch;
  auto* values = scratch.items<float>(count);
  kernels::bf16_to_f32(static_cast<const std::uint16_t*>(input), values, count);
  return values;
}

void multiply_panels(const kernels::PackedProduct& product, std::int64_t rows) {
  const std::int64_t panels = kernels::weight_panels(product.out);
  const std::int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
#pragma omp parallel for collapse(2) if (rows * product.in * product.out > kSmallWork)
  for (std::int64_t block = 0; block < blocks; ++block)
    for (std::int64_t panel = 0; panel < panels; ++panel)
      kernels::packed_product(product, panel, block * kRowBlock, std::min(rows, (block + 1) * kRowBlock));
}

}  // namespace

PanelProduct::PanelProduct(WeightRows& weight, Tensor bias, Precision precision)
    : weight_(weight), bias_(std::move(bias)), precision_(precision) {}

// Any number is as good; this one bounds the memory for rows that have to be copied.
std::int64_t PanelProduct::piece(std::int64_t rows) { return std::min<std::int64_t>(rows, 1024); }

void PanelProduct::pack(const Tensor& weight, ColumnRange columns, float* packed) const {
  const std::int64_t in = weight_.in();
  const std::int64_t out = columns.last - columns.first;
  const float* source = weight.f32() + columns.first * in;
  Scratch rounded;
  if (precision_ == Precision::bf16) {
    auto* values = rounded.items<float>(out * in);
    round_rows(source, out, in, values);
    source = values;
  }
  const std::int64_t panels = kernels::weight_panels(out);
#pragma omp parallel for if (in * out > kSmallWork)
  for (std::int64_t panel = 0; panel < panels; ++panel) kernels::pack_weight(source, out, in, panel, packed);
}

const float* PanelProduct::packed(ColumnRange columns) const {
  const std::int64_t in = weight_.in();
  const std::int64_t out = columns.last - columns.first;
  if (out != weight_.out()) {
    thread_local Scratch scratch;
    auto* part = scratch.items<float>(kernels::packed_weight_floats(out, in));
    pack(weight_.keep(), columns, part);
    return part;
  }
  std::call_once(once_, [&] {
    packed_ =
        allocate_aligned(static_cast<std::size_t>(kernels::packed_weight_floats(out, in)) * sizeof(float));
    pack(weight_.get(), columns, reinterpret_cast<float*>(packed_.get()));
    if (precision_ == Precision::fp32) weight_.give_up([this] { return unpacked(); });
  });
  return reinterpret_cast<const float*>(packed_.get());
}

Tensor PanelProduct::unpacked() const {
  const std::int64_t in = weight_.in();
  const std::int64_t out = weight_.out();
  const std::shared_ptr<std::byte> bytes =
      allocate_aligned(static_cast<std::size_t>(in * out) * sizeof(float));
  const auto* packed = reinterpret_cast<const float*>(packed_.get());
  auto* rows = reinterpret_cast<float*>(bytes.get());
  const std::int64_t panels = kernels::weight_panels(out);
#pragma omp parallel for if (in * out > kSmallWork)
  for (std::int64_t panel = 0; panel < panels; ++panel) kernels::unpack_weight(packed, out, in, panel, rows);
  return {bytes, rows, DType::f32, {out, in}};
}

void PanelProduct::multiply(const void* input, std::int64_t rows, ColumnRange columns, float* output) const {
  const std::int64_t in = weight_.in();
  const std::int64_t out = columns.last - columns.first;
  const float* bias = bias_.empty() ? nullptr : bias_.f32() + columns.first;
  multiply_panels({packed(columns), bias, in, out, widened(input, rows * in, precision_), in, output, out},
                  rows);
}

}  // namespace attnscope::nn
