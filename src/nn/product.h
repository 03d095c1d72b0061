// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "attnscope/tensor.h"

namespace attnscope::nn {

/// output = input weight^T + bias, the matrix product of a Linear layer; oneDNN behind it.
/// The weight is packed once, on first use, by the first thread that comes; then shared by all threads.
/// Bits of an output row depend only on its input row: not on the number of rows, not on threads.
class Product {
 public:
  /// weight [out, in] F32, bias [out] F32 or empty. Keeps the tensors (their memory may be a mapped file).
  Product(Tensor weight, Tensor bias);
  ~Product();
  Product(Product&&) noexcept;

  /// input [rows, in] with `input_stride` floats between rows; output [rows, out] with `output_stride`.
  void operator()(const float* input, std::int64_t input_stride, std::int64_t rows, float* output,
                  std::int64_t output_stride) const;
  [[nodiscard]] std::int64_t in() const;
  [[nodiscard]] std::int64_t out() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// "oneDNN 2.6.3".
[[nodiscard]] const char* product_library();

}  // namespace attnscope::nn
