// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attnscope/head_report.h"

namespace attnscope {

/// The scan of the text with this index, whose progress counts the heads of all texts.
[[nodiscard]] inline ScanOptions scan_of_text(const HeadImportanceOptions& options, std::int64_t index,
                                              std::int64_t heads) {
  ScanOptions scan = options.scan;
  if (!scan.progress) return scan;
  scan.progress = [report = options.scan.progress, before = index * heads, all = options.num_texts * heads](
                      std::int64_t done, std::int64_t) { report(before + done, all); };
  return scan;
}

}  // namespace attnscope
