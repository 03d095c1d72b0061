// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace attnscope {

/// Writes a file that appears under its name whole or not at all; an existing file is replaced.
/// Throws:  StorageError with the system's reason.
void write_text_file(const std::string& path, std::string_view text);

/// Throws what write_text_file would throw for the path itself; leaves nothing behind.
void check_text_path(const std::string& path);

}  // namespace attnscope
