// SPDX-License-Identifier: Apache-2.0
#include "attnscope/error.h"
#include "attnscope/interventions.h"
#include "core/files.h"

namespace attnscope {

Interventions Interventions::load(const std::string& path) {
  constexpr std::size_t kMaxBytes = std::size_t{256} << 20;
  const std::string text = read_text_file(path, kMaxBytes);
  try {
    return from_json(text);
  } catch (const InvalidArgument& error) {
    ErrorInfo info = error.info();
    info.kind = ErrorKind::input;
    info.where = info.file + (info.where.empty() ? "" : ": " + info.where);
    info.file = path;
    throw InvalidArgument(std::move(info));
  }
}

}  // namespace attnscope
