// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace attnscope {

/// Bytes with an owner.
struct FileBytes {
  std::shared_ptr<const void> owner;
  const std::byte* data = nullptr;
  std::size_t size_bytes = 0;
};

/// Reads a regular file whole into private memory (aligned to 64 bytes). Never blocks on a FIFO, never
/// follows a changing file: size, mtime and inode are compared after reading (code FILE_CHANGED).
/// Throws:  StorageError (directory, FIFO, device, dangling link, permission) with the system's words,
///          LimitError (code FILE_LIMIT) if the file is larger than `limit_bytes`.
[[nodiscard]] FileBytes read_file(const std::string& path, std::size_t limit_bytes = SIZE_MAX);
[[nodiscard]] std::string read_text_file(const std::string& path, std::size_t limit_bytes);

/// Throws:  LimitError (FILE_LIMIT) if what is called `path` in messages has more bytes than it may.
void check_file_limit(const std::string& path, std::size_t size_bytes, std::size_t limit_bytes);

/// Maps a regular file that nobody changes.
[[nodiscard]] FileBytes map_file(const std::string& path);

/// An owner of the `size_bytes` bytes from `first` on, which keeps the file's memory alive. When it is gone
/// the pages that lie wholly within them go back to the system: what was read is lost, what is mapped is read
/// again by who touches it.
[[nodiscard]] std::shared_ptr<const void> own_part(const FileBytes& file, std::size_t first,
                                                   std::size_t size_bytes);

}  // namespace attnscope
