// SPDX-License-Identifier: Apache-2.0
#include "outputs/zip_writer.h"

#include <zlib.h>

#include <algorithm>

#include "outputs/zip_format.h"

namespace attnscope {
namespace {

// PKWARE's APPNOTE.TXT 6.3.9, sections 4.3 and 4.5.3.
constexpr std::uint64_t kMax16 = 0xFFFF;
constexpr std::uint64_t kVersion = 20;
constexpr std::uint64_t kZip64Version = 45;
constexpr std::uint64_t kUtf8Name = 1U << 11U;
constexpr std::uint64_t kDate = (1U << 5U) | 1U;  // 1 January 1980, the earliest there is

void append(std::string& bytes, std::uint64_t value, int size_bytes) {
  for (int index = 0; index < size_bytes; ++index) {
    bytes += static_cast<char>((value >> (8 * index)) & 0xFF);
  }
}

void append_zeros(std::string& bytes, std::size_t count) { bytes.append(count, '\0'); }

bool is_large(std::uint64_t value) { return value >= kZipInExtra; }
std::uint64_t low32(std::uint64_t value) { return std::min(value, kZipInExtra); }

std::uint32_t checksum(uLong crc, const void* data, std::size_t size_bytes) {
  return static_cast<std::uint32_t>(::crc32_z(crc, static_cast<const Bytef*>(data), size_bytes));
}

/// The 64-bit values whose 32-bit fields are full, in the order the format wants.
std::string zip64_extra(std::initializer_list<std::uint64_t> values) {
  std::string fields;
  for (const std::uint64_t value : values) append(fields, value, 8);
  std::string extra;
  append(extra, 1, 2);
  append(extra, fields.size(), 2);
  return extra + fields;
}

/// Flags, method, time and date, checksum: common to local and central headers.
void append_common(std::string& bytes, std::uint32_t crc, std::uint64_t size_bytes) {
  append(bytes, kUtf8Name, 2);
  append(bytes, 0, 2);  // stored
  append(bytes, 0, 2);  // midnight
  append(bytes, kDate, 2);
  append(bytes, crc, 4);
  append(bytes, low32(size_bytes), 4);  // compressed
  append(bytes, low32(size_bytes), 4);
}

}  // namespace

std::string ZipWriter::local_header(const Entry& entry) {
  const bool large = is_large(entry.size_bytes);
  const std::string extra = large ? zip64_extra({entry.size_bytes, entry.size_bytes}) : "";
  std::string header;
  append(header, kZipLocalSignature, 4);
  append(header, large ? kZip64Version : kVersion, 2);
  append_common(header, entry.crc, entry.size_bytes);
  append(header, entry.name.size(), 2);
  append(header, extra.size(), 2);
  return header + entry.name + extra;
}

std::string ZipWriter::central_header(const Entry& entry) {
  std::string extra;
  if (is_large(entry.size_bytes) && is_large(entry.offset)) {
    extra = zip64_extra({entry.size_bytes, entry.size_bytes, entry.offset});
  } else if (is_large(entry.size_bytes)) {
    extra = zip64_extra({entry.size_bytes, entry.size_bytes});
  } else if (is_large(entry.offset)) {
    extra = zip64_extra({entry.offset});
  }
  const std::uint64_t version = extra.empty() ? kVersion : kZip64Version;
  std::string header;
  append(header, kZipCentralSignature, 4);
  append(header, version, 2);  // made by: MS-DOS attributes, which say nothing
  append(header, version, 2);  // needed to read
  append_common(header, entry.crc, entry.size_bytes);
  append(header, entry.name.size(), 2);
  append(header, extra.size(), 2);
  append_zeros(header, 2 + 2 + 2 + 4);  // comment, disk, internal and external attributes
  append(header, low32(entry.offset), 4);
  return header + entry.name + extra;
}

std::string ZipWriter::end_records(std::uint64_t directory_offset, std::uint64_t directory_bytes) const {
  const std::uint64_t count = entries_.size();
  std::string records;
  if (count >= kMax16 || is_large(directory_offset) || is_large(directory_bytes)) {
    append(records, kZip64EndSignature, 4);
    append(records, 44, 8);  // bytes that follow
    append(records, kZip64Version, 2);
    append(records, kZip64Version, 2);
    append_zeros(records, 4 + 4);  // disks
    append(records, count, 8);
    append(records, count, 8);
    append(records, directory_bytes, 8);
    append(records, directory_offset, 8);
    append(records, kZip64LocatorSignature, 4);
    append(records, 0, 4);
    append(records, directory_offset + directory_bytes, 8);
    append(records, 1, 4);  // disks in all
  }
  append(records, kZipEndSignature, 4);
  append_zeros(records, 2 + 2);  // disks
  append(records, std::min(count, kMax16), 2);
  append(records, std::min(count, kMax16), 2);
  append(records, low32(directory_bytes), 4);
  append(records, low32(directory_offset), 4);
  append(records, 0, 2);  // comment
  return records;
}

void ZipWriter::add(const std::string& name, std::string_view head, const void* data,
                    std::size_t size_bytes) {
  Entry entry{name, 0, head.size() + size_bytes, file_.position()};
  entry.crc = checksum(checksum(0, head.data(), head.size()), data, size_bytes);
  file_.write(local_header(entry));
  file_.write(head);
  file_.write(data, size_bytes);
  entries_.push_back(std::move(entry));
}

void ZipWriter::finish() {
  const std::uint64_t start = file_.position();
  std::string directory;
  for (const Entry& entry : entries_) directory += central_header(entry);
  file_.write(directory);
  file_.write(end_records(start, directory.size()));
}

}  // namespace attnscope
