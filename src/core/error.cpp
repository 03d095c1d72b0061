// SPDX-License-Identifier: Apache-2.0
#include "attnscope/error.h"

namespace attnscope {

std::string to_string(const ErrorInfo& info) {
  std::string text;
  for (const std::string* part : {&info.file, &info.where, &info.what}) {
    if (part->empty()) continue;
    if (!text.empty()) text += ": ";
    text += *part;
  }
  if (!info.hint.empty()) text += "; " + info.hint;
  return text;
}

}  // namespace attnscope
