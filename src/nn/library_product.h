// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "nn/product.h"
#include "nn/weight_rows.h"

namespace attnscope::nn {

/// The product by oneDNN. Rows are dense: with gaps between them oneDNN 2 falls back to kernels that do not
/// keep bits.
class LibraryProduct {
 public:
  /// `weight` outlives the product.
  LibraryProduct(WeightRows& weight, Tensor bias, Precision precision);
  ~LibraryProduct();

  /// Whether the library has kernels for this product that add up a row in an order that depends on nothing
  /// but the row.
  [[nodiscard]] static bool keeps_bits(std::int64_t in, std::int64_t out, bool has_bias, Precision precision);
  /// Rows of the next multiply() when `rows` are left: texts come in every length, primitives in a few sizes.
  [[nodiscard]] static std::int64_t piece(std::int64_t rows);

  /// input [rows, in], F32 or bf16 as the precision says; output [rows, columns].
  void multiply(const void* input, std::int64_t rows, ColumnRange columns, float* output) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace attnscope::nn
