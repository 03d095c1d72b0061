// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/module.h"
#include "nn/product.h"

namespace attnscope::nn {

/// output = input weight^T + bias.
class Linear : public Module {
 public:
  Linear(const Scope& scope, std::int64_t in, std::int64_t out);
  /// Weight or bias that stand elsewhere in the checkpoint (tied to another module).
  Linear(std::string path, Tensor weight, Tensor bias);

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  /// The same for rows [rows, in] that are no value of the run: output [rows, out].
  void forward_rows(const float* input, std::int64_t rows, float* output, Execution& run) const;
  [[nodiscard]] std::int64_t out() const { return product_.out(); }

 private:
  Product product_;
};

}  // namespace attnscope::nn
