// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "attnscope/word_report.h"

namespace attnscope {

/// Kendall's tau of every two measures over the words at `compared`; leave_one_out by its size.
[[nodiscard]] std::vector<Agreement> agreements_of(const std::vector<MeasuredWords>& measures,
                                                   const std::vector<std::size_t>& compared);

}  // namespace attnscope
