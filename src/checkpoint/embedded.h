// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace attnscope {

/// A file of the model that is compiled into the library; data is aligned to 64 bytes.
struct EmbeddedFile {
  std::string_view name;
  const std::byte* data = nullptr;
  std::size_t size_bytes = 0;
};

/// Null if the embedded model has no such file.
[[nodiscard]] const EmbeddedFile* find_embedded_file(std::string_view name);

}  // namespace attnscope
