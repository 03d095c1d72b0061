// SPDX-License-Identifier: Apache-2.0
#include "core/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <new>
#include <thread>
#include <vector>

#include "core/memory.h"
#include "core/message.h"

namespace attnscope {
namespace {

constexpr std::size_t kReadPiece = std::size_t{1} << 30;  // Linux reads at most 2 GiB - 4 KiB in one call

[[noreturn]] void refuse(const std::string& path, const char* code, const std::string& what,
                         const std::string& hint = {}) {
  throw StorageError(problem(ErrorKind::input, code, path).found("{}", what).hint("{}", hint));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

const char* kind_name(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISSOCK(mode)) return "a socket";
  return "something else";
}

int open_to_read(const std::string& path) {
  if (path.find('\0') != std::string::npos) refuse(path, "FILE_OPEN", "the path contains a NUL byte");
  // Without O_NONBLOCK, opening a named pipe would wait for a writer.
  const int number = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (number < 0) refuse(path, "FILE_OPEN", std::string("cannot open: ") + std::strerror(errno));
  return number;
}

struct stat status_of(const Descriptor& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.number(), &status) != 0)
    refuse(path, "FILE_OPEN", std::string("cannot examine: ") + std::strerror(errno));
  return status;
}

struct stat regular_file_status(const Descriptor& file, const std::string& path) {
  const struct stat status = status_of(file, path);
  if (!S_ISREG(status.st_mode))
    refuse(path, "FILE_KIND", fmt::format("is {}, expected a regular file", kind_name(status.st_mode)));
  return status;
}

bool same_file(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_ino == after.st_ino && before.st_dev == after.st_dev &&
         before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

[[noreturn]] void refuse_changed(const std::string& path) {
  refuse(path, "FILE_CHANGED", "the file changed while it was read", "try again when nobody writes to it");
}

/// A file that is being read into memory.
struct Reading {
  const Descriptor& file;
  const std::string& path;
  std::byte* target;

  // Bytes [first, last).
  void read(std::size_t first, std::size_t last) const {
    while (first < last) {
      const std::size_t piece = std::min(last - first, kReadPiece);
      const ssize_t count = ::pread(file.number(), target + first, piece, static_cast<off_t>(first));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) refuse(path, "FILE_READ", std::string("cannot read: ") + std::strerror(errno));
      if (count == 0) refuse_changed(path);
      first += static_cast<std::size_t>(count);
    }
  }
};

// One thread fills about 5 GB/s, mostly with zeroing fresh pages: large files are read by several.
void read_exactly(const Reading& reading, std::size_t size_bytes) {
  constexpr std::size_t kBytesOfThread = std::size_t{32} << 20;
  constexpr std::size_t kMostThreads = 8;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const std::size_t threads =
      std::clamp<std::size_t>(size_bytes / kBytesOfThread, 1, std::min(cores, kMostThreads));
  const std::size_t part = (size_bytes + threads - 1) / threads;
  std::vector<std::future<void>> others;
  for (std::size_t i = 1; i < threads; ++i)
    others.push_back(std::async(std::launch::async, [&reading, part, size_bytes, i] {
      reading.read(i * part, std::min(size_bytes, (i + 1) * part));
    }));
  reading.read(0, std::min(size_bytes, part));
  for (std::future<void>& other : others) other.get();
}

std::shared_ptr<std::byte> allocate_for(const std::string& path, std::size_t size_bytes) try {
  return allocate_aligned(size_bytes);
} catch (const std::bad_alloc&) {
  throw LimitError(problem(ErrorKind::limit, "MEMORY", path)
                       .found("{} bytes do not fit in memory", size_bytes)
                       .hint("use a machine with more memory or a smaller file"));
}

// The path may by now lead to another file (replaced by a rename): that counts as changed, too.
void check_unchanged(const Descriptor& file, const std::string& path, const struct stat& before) {
  struct stat by_path {};
  const bool still_there = ::stat(path.c_str(), &by_path) == 0;
  if (!same_file(before, status_of(file, path)) || !still_there || !same_file(before, by_path))
    refuse_changed(path);
}

void give_back_pages(const std::byte* start, std::size_t size_bytes) {
  static const auto page_bytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto address = reinterpret_cast<std::uintptr_t>(start);
  const std::uintptr_t first = (address + page_bytes - 1) / page_bytes * page_bytes;
  const std::uintptr_t last = (address + size_bytes) / page_bytes * page_bytes;
  if (first >= last) return;
  // Otherwise the system may fill the hole again, to make a huge page of it and what is left beside it.
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_NOHUGEPAGE);
  ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace

FileBytes read_file(const std::string& path, std::size_t limit_bytes) {
  const Descriptor file(open_to_read(path));
  const struct stat before = regular_file_status(file, path);
  const auto size_bytes = static_cast<std::size_t>(before.st_size);
  check_file_limit(path, size_bytes, limit_bytes);
  const std::shared_ptr<std::byte> memory = allocate_for(path, size_bytes);
  read_exactly({file, path, memory.get()}, size_bytes);
  check_unchanged(file, path, before);
  return {memory, memory.get(), size_bytes};
}

std::string read_text_file(const std::string& path, std::size_t limit_bytes) {
  const FileBytes bytes = read_file(path, limit_bytes);
  return {reinterpret_cast<const char*>(bytes.data), bytes.size_bytes};
}

void check_file_limit(const std::string& path, std::size_t size_bytes, std::size_t limit_bytes) {
  if (size_bytes > limit_bytes)
    throw LimitError(problem(ErrorKind::limit, "FILE_LIMIT", path)
                         .found("{} bytes, expected at most {}", size_bytes, limit_bytes)
                         .hint("check that this is the right file"));
}

FileBytes map_file(const std::string& path) {
  const Descriptor file(open_to_read(path));
  const auto size_bytes = static_cast<std::size_t>(regular_file_status(file, path).st_size);
  if (size_bytes == 0) return {};
  void* memory = ::mmap(nullptr, size_bytes, PROT_READ, MAP_PRIVATE, file.number(), 0);
  if (memory == MAP_FAILED) refuse(path, "FILE_READ", std::string("cannot map: ") + std::strerror(errno));
  std::shared_ptr<const void> owner(memory, [size_bytes](void* start) { ::munmap(start, size_bytes); });
  return {std::move(owner), static_cast<const std::byte*>(memory), size_bytes};
}

std::shared_ptr<const void> own_part(const FileBytes& file, std::size_t first, std::size_t size_bytes) {
  return {file.data + first,
          [owner = file.owner, size_bytes](const std::byte* start) { give_back_pages(start, size_bytes); }};
}

}  // namespace attnscope
