// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope::cli {

struct StrongWeight {
  std::optional<std::int64_t> head;  ///< position among the heads; absent when they are reduced
  std::int64_t from = 0;             ///< position among the rows
  std::int64_t to = 0;
  float weight = 0.0F;
};

/// The `count` largest weights of one layer, largest first.
/// Shapes: layer [heads, rows, n], or [rows, n] when reduced.
[[nodiscard]] std::vector<StrongWeight> strongest(const TensorView& layer, std::size_t count);

}  // namespace attnscope::cli
