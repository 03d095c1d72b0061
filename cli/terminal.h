// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "attnscope/outputs.h"

namespace attnscope::cli {

struct ColorOptions {
  bool plain = false;
  std::string color = "auto";  ///< auto, always, never
};

/// Size and colours of the terminal behind stdout. NO_COLOR, FORCE_COLOR, TERM, COLORTERM, COLUMNS and LINES
/// are honoured; what is not a terminal gets no colours.
/// Throws:  InvalidArgument for another word than auto, always, never.
[[nodiscard]] PictureOptions picture_options(const ColorOptions& options);

}  // namespace attnscope::cli
