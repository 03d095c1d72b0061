// SPDX-License-Identifier: Apache-2.0
#include "outputs/zip_reader.h"

#include <zlib.h>

#include <cstdint>

#include "core/message.h"
#include "outputs/zip_format.h"

namespace attnscope {
namespace {

// PKWARE's APPNOTE.TXT 6.3.9, sections 4.3 and 4.5.3.
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kLocatorBytes = 20;

/// Numbers and texts one after another, none of them outside of the file.
class ZipBytes {
 public:
  ZipBytes(std::string_view file, const std::string& label, std::uint64_t at) : file_(file), label_(label) {
    move_to(at);
  }

  void move_to(std::uint64_t at) {
    if (at > file_.size()) fail("points behind the end of the file");
    at_ = static_cast<std::size_t>(at);
  }

  std::string_view take(std::uint64_t count) {
    if (count > file_.size() - at_) fail("ends within an entry");
    const std::string_view part = file_.substr(at_, static_cast<std::size_t>(count));
    at_ += part.size();
    return part;
  }

  std::uint64_t number(std::size_t size_bytes) {
    std::uint64_t value = 0;
    const std::string_view bytes = take(size_bytes);
    for (std::size_t index = size_bytes; index-- > 0;)
      value = value << 8U | static_cast<unsigned char>(bytes[index]);
    return value;
  }

  void skip(std::uint64_t count) { static_cast<void>(take(count)); }

  void expect(std::uint64_t signature, const char* what) {
    if (number(4) != signature) fail(fmt::format("no {}", what));
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw CheckpointError(problem(ErrorKind::input, "ZIP", label_)
                              .at_byte(at_)
                              .found("{}, expected a zip file as attnscope and numpy.savez write it", what)
                              .hint("write the file again"));
  }

 private:
  std::string_view file_;
  const std::string& label_;
  std::size_t at_ = 0;
};

struct Directory {
  std::uint64_t count = 0;
  std::uint64_t offset = 0;
};

Directory find_directory(std::string_view file, const std::string& label) {
  ZipBytes end(file, label, file.size() < kEndBytes ? 0 : file.size() - kEndBytes);
  end.expect(kZipEndSignature, "end record");
  end.skip(6);
  Directory directory;
  directory.count = end.number(2);
  end.skip(4);
  directory.offset = end.number(4);
  if (file.size() < kEndBytes + kLocatorBytes) return directory;
  ZipBytes locator(file, label, file.size() - kEndBytes - kLocatorBytes);
  if (locator.number(4) != kZip64LocatorSignature) return directory;
  locator.skip(4);
  locator.move_to(locator.number(8));
  locator.expect(kZip64EndSignature, "zip64 end record");
  locator.skip(8 + 4 + 8 + 8);
  directory.count = locator.number(8);
  locator.skip(8);
  directory.offset = locator.number(8);
  return directory;
}

/// Sizes and offset whose 32-bit fields are full stand in the extra field 1.
void read_zip64(std::string_view extra, const std::string& label, std::uint64_t& stored, std::uint64_t& size,
                std::uint64_t& offset) {
  for (ZipBytes fields(extra, label, 0); !extra.empty();) {
    const std::uint64_t id = fields.number(2);
    const std::uint64_t length = fields.number(2);
    if (id == 1) {
      for (std::uint64_t* value : {&size, &stored, &offset}) {
        if (*value == kZipInExtra) *value = fields.number(8);
      }
      return;
    }
    fields.skip(length);
    extra.remove_prefix(static_cast<std::size_t>(length) + 4);
  }
}

ZipEntry read_entry(ZipBytes& central, std::string_view file, const std::string& label) {
  central.expect(kZipCentralSignature, "central header");
  central.skip(6);
  if (central.number(2) != 0) central.fail("a compressed entry");
  central.skip(4);
  const std::uint64_t sum = central.number(4);
  std::uint64_t stored = central.number(4);
  std::uint64_t size = central.number(4);
  const std::uint64_t name_bytes = central.number(2);
  const std::uint64_t extra_bytes = central.number(2);
  const std::uint64_t comment_bytes = central.number(2);
  central.skip(8);
  std::uint64_t offset = central.number(4);
  ZipEntry entry{std::string(central.take(name_bytes)), {}};
  read_zip64(central.take(extra_bytes), label, stored, size, offset);
  central.skip(comment_bytes);
  if (stored != size) central.fail("two sizes of one stored entry");
  ZipBytes local(file, label, offset);
  local.expect(kZipLocalSignature, "local header");
  local.skip(22);
  const std::uint64_t local_name = local.number(2);
  const std::uint64_t local_extra = local.number(2);
  local.skip(local_name + local_extra);
  entry.bytes = local.take(size);
  if (::crc32_z(0, reinterpret_cast<const Bytef*>(entry.bytes.data()), entry.bytes.size()) != sum)
    local.fail(fmt::format("a wrong checksum of '{}'", entry.name));
  return entry;
}

}  // namespace

std::vector<ZipEntry> read_zip(std::string_view file, const std::string& label) {
  const Directory directory = find_directory(file, label);
  ZipBytes central(file, label, directory.offset);
  std::vector<ZipEntry> entries;
  for (std::uint64_t entry = 0; entry < directory.count; ++entry)
    entries.push_back(read_entry(central, file, label));
  return entries;
}

}  // namespace attnscope
