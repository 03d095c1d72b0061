// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "outputs/atomic_file.h"

namespace attnscope {

/// Writes a zip file of stored (not compressed) entries. No times, users or names of machines go in: the same
/// entries give the same bytes. Entries, files and counts beyond 32 bits use zip64.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}

  /// One entry; its content is `head` followed by `size_bytes` bytes at `data`, none of it copied.
  void add(const std::string& name, std::string_view head, const void* data, std::size_t size_bytes);
  /// The central directory; nothing may be added afterwards.
  void finish();

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t offset = 0;
  };
  static std::string local_header(const Entry& entry);
  static std::string central_header(const Entry& entry);
  [[nodiscard]] std::string end_records(std::uint64_t directory_offset, std::uint64_t directory_bytes) const;

  AtomicFile& file_;
  std::vector<Entry> entries_;
};

}  // namespace attnscope
