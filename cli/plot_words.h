// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plot.h"

namespace attnscope::cli {

/// The view of words, which runs the model itself.
[[nodiscard]] Plot draw_words_view(const PlotCommand& command, FigureOptions options);

}  // namespace attnscope::cli
