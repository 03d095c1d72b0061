// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "nn/product.h"
#include "nn/weight_rows.h"

namespace attnscope::nn {

/// The product by our own kernel, for processors on which oneDNN's bits depend on the number of rows, or
/// which do not multiply in bf16: there the rounded numbers are multiplied in fp32.
class PanelProduct {
 public:
  /// `weight` outlives the product.
  PanelProduct(WeightRows& weight, Tensor bias, Precision precision);

  [[nodiscard]] static std::int64_t piece(std::int64_t rows);

  /// input [rows, in], F32 or bf16 as the precision says; output [rows, columns].
  void multiply(const void* input, std::int64_t rows, ColumnRange columns, float* output) const;

 private:
  void pack(const Tensor& weight, ColumnRange columns, float* packed) const;
  [[nodiscard]] const float* packed(ColumnRange columns) const;
  [[nodiscard]] Tensor unpacked() const;

  WeightRows& weight_;
  Tensor bias_;
  Precision precision_;
  mutable std::once_flag once_;
  mutable std::shared_ptr<std::byte> packed_;  // of all columns; written once
};

}  // namespace attnscope::nn
