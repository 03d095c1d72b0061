// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "kernels/kernels.h"
#include "nn/module.h"
#include "nn/product.h"

namespace attnscope::nn {

/// What of a Linear layer's output to compute; without a list all.
struct LinearPart {
  /// Of the output: the columns of the heads that are wanted.
  std::optional<std::span<const ColumnRange>> columns = std::nullopt;
  /// Numbers of rows of input and output.
  std::optional<std::span<const std::int64_t>> rows = std::nullopt;
};

/// output = input weight^T + bias.
class Linear : public Module {
 public:
  Linear(const Scope& scope, std::int64_t in, std::int64_t out, Precision precision = Precision::fp32);
  /// Weight or bias that stand elsewhere in the checkpoint (tied to another module).
  Linear(std::string path, Tensor weight, Tensor bias);

  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  /// The same without its hooks and only in part: an output of full width, of which the rest is
  /// uninitialised. Each number has the bits that forward() gives it.
  [[nodiscard]] Value forward_part(const Value& input, const LinearPart& part, Execution& run) const;
  /// forward() and the activation of its output, in place while the rows of a piece are in the cache.
  [[nodiscard]] Value forward_activated(const Value& input, kernels::Activation activation,
                                        Execution& run) const;

 private:
  void declare_parameters();
  Product product_;
};

}  // namespace attnscope::nn
