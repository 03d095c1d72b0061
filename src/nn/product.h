// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "attnscope/model.h"
#include "attnscope/tensor.h"

namespace attnscope::nn {

/// Columns [first, last) of the output of a product.
struct ColumnRange {
  std::int64_t first;
  std::int64_t last;
};

/// The rows that a product reads and writes, with so many floats between two of them.
struct ProductRows {
  const float* input = nullptr;  ///< [rows, in]
  std::int64_t input_stride = 0;
  std::int64_t count = 0;
  float* output = nullptr;  ///< [rows, out]
  std::int64_t output_stride = 0;
  /// Numbers of the `count` rows within input and output; null: 0, 1, ...
  const std::int64_t* list = nullptr;
};

/// output = input weight^T + bias, the matrix product of a Linear layer.
/// In bf16 weight and input are rounded to it (to nearest, ties to even), the sums and the output are fp32.
/// The weight is packed once, when that pays, by the first thread that comes; then shared by all threads. In
/// fp32 the rows that came are then let go.
/// Bits of an output row depend only on its input row: not on the number of rows, the columns asked for,
/// threads, or whether the weight is packed yet.
class Product {
 public:
  /// weight [out, in] F32, bias [out] F32 or empty. Their memory may be a mapped file.
  Product(Tensor weight, Tensor bias, Precision precision = Precision::fp32);
  ~Product();
  Product(Product&&) noexcept;

  void operator()(const ProductRows& rows) const;
  /// Only these columns; the others of the output are left as they are.
  void operator()(const ProductRows& rows, std::span<const ColumnRange> columns) const;
  /// The same for rows without a list.
  void operator()(const float* input, std::int64_t input_stride, std::int64_t rows, float* output,
                  std::int64_t output_stride) const {
    operator()({input, input_stride, rows, output, output_stride});
  }
  [[nodiscard]] std::int64_t in() const;
  [[nodiscard]] std::int64_t out() const;
  /// Gives the weight as it came, also when the product is gone. Any thread.
  [[nodiscard]] std::function<Tensor()> weight() const;
  /// Where the weight lay when it came: tells whether two products share one.
  [[nodiscard]] const void* weight_identity() const;
  [[nodiscard]] const Tensor& bias() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Whether this processor and the library multiply in bf16; otherwise fp32 takes its place, on rounded
/// numbers.
[[nodiscard]] bool has_bf16_products();

/// "oneDNN 2.6.3".
[[nodiscard]] const char* product_library();

}  // namespace attnscope::nn
