// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/module.h"

namespace attnscope::nn {

/// Rows of a table: ids [tokens] -> [tokens, width].
class Embedding : public Module {
 public:
  Embedding(const Scope& scope, std::int64_t rows, std::int64_t width);

  /// Throws:  InvalidArgument (ID_RANGE) for an id outside the table.
  [[nodiscard]] Values forward(const Values& inputs, Execution& run) const override;
  [[nodiscard]] const Tensor& table() const { return table_; }

 private:
  Tensor table_;
};

/// The rows that begin a model: of its input ids, or those given in their place, for which the table is not
/// called.
[[nodiscard]] Value embed_words(const Embedding& table, const Value& input, Execution& run);

}  // namespace attnscope::nn
