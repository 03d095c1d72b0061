// SPDX-License-Identifier: Apache-2.0
#include "attnscope/text_file.h"

#include "outputs/atomic_file.h"

namespace attnscope {

void write_text_file(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void check_text_path(const std::string& path) { check_writable(path); }

}  // namespace attnscope
