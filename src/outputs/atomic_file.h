// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace attnscope {

/// A file that appears under its name whole or not at all. The temporary file stands beside the target, so
/// that the final rename stays within one file system; it is removed unless commit() succeeded.
class AtomicFile {
 public:
  /// An existing regular file is replaced by commit(), with its permissions kept.
  /// Throws:  StorageError (codes OUT_*).
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws:  StorageError with the system's words, and with the bytes needed and free if the disk is full.
  void write(const void* data, std::size_t size_bytes);
  void write(std::string_view bytes) { write(bytes.data(), bytes.size()); }
  /// How large the file will be, if known: for the message about a full disk.
  void expect(std::uint64_t size_bytes) { expected_bytes_ = size_bytes; }
  [[nodiscard]] std::uint64_t position() const { return position_; }

  /// Flushes to the disk and renames; nothing may be written afterwards.
  void commit();

 private:
  [[noreturn]] void fail(int error, const char* action);
  void close_file();

  std::string path_;       // as given, for messages
  std::string target_;     // links resolved
  std::string temporary_;  // empty once it is gone
  int file_ = -1;
  unsigned mode_ = 0;
  std::uint64_t position_ = 0;
  std::uint64_t expected_bytes_ = 0;
};

/// Throws what the constructor and commit() would throw for the path: missing or read-only folder, name too
/// long, path is a folder. Leaves nothing behind.
void check_writable(const std::string& path);

}  // namespace attnscope
