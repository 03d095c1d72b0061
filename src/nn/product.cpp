// SPDX-License-Identifier: Apache-2.0
#include "nn/product.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "core/scratch.h"
#include "kernels/kernels.h"
#include "nn/library_product.h"
#include "nn/panel_product.h"
#include "nn/weight_rows.h"

namespace attnscope::nn {
namespace {

constexpr std::int64_t kSmallWork = 16 * 1024;  // floats; below, waking a thread costs more than it saves

// Asking the library takes it milliseconds, and the layers of a model have the same few shapes.
bool library_keeps_bits(std::int64_t in, std::int64_t out, bool has_bias, Precision precision) {
  static std::mutex mutex;
  static std::map<std::tuple<std::int64_t, std::int64_t, bool, Precision>, bool> answers;
  const std::tuple shape{in, out, has_bias, precision};
  const std::lock_guard lock(mutex);
  const auto known = answers.find(shape);
  if (known != answers.end()) return known->second;
  return answers.emplace(shape, LibraryProduct::keeps_bits(in, out, has_bias, precision)).first->second;
}

std::int64_t row_of(const ProductRows& rows, std::int64_t index) {
  return rows.list != nullptr ? rows.list[index] : index;
}

ProductRows without_first(ProductRows rows, std::int64_t count) {
  rows.count -= count;
  if (rows.list != nullptr) {
    rows.list += count;
  } else {
    rows.input += count * rows.input_stride;
    rows.output += count * rows.output_stride;
  }
  return rows;
}

bool has_dense_input(const ProductRows& rows, std::int64_t width) {
  return rows.list == nullptr && rows.input_stride == width;
}

// The first `count` rows one after another, as they are or rounded to bf16.
const void* dense_input(const ProductRows& rows, std::int64_t count, std::int64_t width,
                        Precision precision) {
  if (precision == Precision::fp32 && has_dense_input(rows, width)) return rows.input;
  thread_local Scratch scratch;
  if (precision == Precision::fp32) {
    auto* dense = scratch.items<float>(count * width);
    for (std::int64_t i = 0; i < count; ++i)
      std::copy_n(rows.input + row_of(rows, i) * rows.input_stride, width, dense + i * width);
    return dense;
  }
  auto* rounded = scratch.items<std::uint16_t>(count * width);
#pragma omp parallel for schedule(static) if (count * width > kSmallWork)
  for (std::int64_t i = 0; i < count; ++i)
    kernels::f32_to_bf16(rows.input + row_of(rows, i) * rows.input_stride, rounded + i * width, width);
  return rounded;
}

void scatter(const float* dense, std::int64_t count, ColumnRange columns, const ProductRows& rows) {
  const std::int64_t width = columns.last - columns.first;
  for (std::int64_t i = 0; i < count; ++i)
    std::copy_n(dense + i * width, width, rows.output + row_of(rows, i) * rows.output_stride + columns.first);
}

// Ranges that follow one another are one.
std::int64_t end_of_run(std::span<const ColumnRange> columns, std::size_t& next) {
  std::int64_t last = columns[next++].last;
  while (next < columns.size() && columns[next].first == last) last = columns[next++].last;
  return last;
}

}  // namespace

struct Product::Impl {
  Impl(Tensor weight_matrix, Tensor bias_vector, Precision the_precision)
      : weight(std::move(weight_matrix)), bias(std::move(bias_vector)), precision(the_precision) {}

  void choose() {
    std::call_once(chosen, [this] {
      if (library_keeps_bits(weight.in(), weight.out(), !bias.empty(), precision))
        by_library.emplace(weight, bias, precision);
      else
        by_panels.emplace(weight, bias, precision);
    });
  }

  template <class Engine>
  void multiply(const Engine& engine, ProductRows rows, std::span<const ColumnRange> columns) const {
    thread_local Scratch scratch;
    while (rows.count > 0) {
      const std::int64_t count = Engine::piece(rows.count);
      const void* input = dense_input(rows, count, weight.in(), precision);
      for (std::size_t next = 0; next < columns.size();) {
        const std::int64_t first = columns[next].first;
        const ColumnRange range{first, end_of_run(columns, next)};
        const std::int64_t width = range.last - range.first;
        const bool dense = rows.list == nullptr && rows.output_stride == width;
        float* output = dense ? rows.output + first : scratch.items<float>(count * width);
        engine.multiply(input, count, range, output);
        if (!dense) scatter(output, count, range, rows);
      }
      rows = without_first(rows, count);
    }
  }

  WeightRows weight;
  Tensor bias;
  Precision precision;
  std::once_flag chosen;
  std::optional<LibraryProduct> by_library;
  std::optional<PanelProduct> by_panels;
};

Product::Product(Tensor weight, Tensor bias, Precision precision)
    : impl_(std::make_shared<Impl>(std::move(weight), std::move(bias), precision)) {}
Product::~Product() = default;
Product::Product(Product&&) noexcept = default;

void Product::operator()(const ProductRows& rows) const {
  const ColumnRange all{0, out()};
  operator()(rows, {&all, 1});
}

void Product::operator()(const ProductRows& rows, std::span<const ColumnRange> columns) const {
  impl_->choose();
  if (impl_->by_library)
    impl_->multiply(*impl_->by_library, rows, columns);
  else
    impl_->multiply(*impl_->by_panels, rows, columns);
}

std::int64_t Product::in() const { return impl_->weight.in(); }
std::int64_t Product::out() const { return impl_->weight.out(); }
std::function<Tensor()> Product::weight() const {
  return [impl = impl_] { return impl->weight.get(); };
}
const void* Product::weight_identity() const { return impl_->weight.identity(); }
const Tensor& Product::bias() const { return impl_->bias; }

bool has_bf16_products() { return library_keeps_bits(64, 64, true, Precision::bf16); }

}  // namespace attnscope::nn
