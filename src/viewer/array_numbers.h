// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "viewer/report_content.h"

namespace attnscope {

/// Word ids as analysis takes them, -1 for special tokens.
[[nodiscard]] std::vector<std::int64_t> word_ids_of(const Encoding& encoding);

/// Numbers of heads and layers of attention that no model made here, as the reports of heads and layers have
/// them. What needs hidden states is NaN.
[[nodiscard]] HeadReport head_report_of(const TensorView& weights, const Encoding& encoding);
[[nodiscard]] std::vector<LayerSummary> layer_summaries_of(const TensorView& weights,
                                                           const HeadReport& heads);

}  // namespace attnscope
