// SPDX-License-Identifier: Apache-2.0
#include "outputs/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "core/message.h"
#include "outputs/storage_problem.h"

namespace attnscope {
namespace {

constexpr mode_t kNewFileMode = 0666;  // less the umask

struct Target {
  std::string path;  // links resolved
  bool exists = false;
  mode_t mode = kNewFileMode;
};

[[noreturn]] void refuse_kind(const std::string& path) {
  throw StorageError(problem(ErrorKind::storage, "OUT_NOT_A_FILE", path)
                         .found("is not a regular file")
                         .hint("give the name of a new or an ordinary file"));
}

/// Follows a link to the file it means, so that the link survives and the file is replaced.
std::string resolve_link(const std::string& path) {
  struct stat link {};
  if (::lstat(path.c_str(), &link) != 0 || !S_ISLNK(link.st_mode)) return path;
  std::error_code error;
  const auto resolved = std::filesystem::canonical(path, error);
  if (error) throw StorageError(storage_problem(path, error.value(), "follow the link"));
  return resolved.string();
}

Target find_target(const std::string& path) {
  Target target{resolve_link(path)};
  struct stat found {};
  if (::stat(target.path.c_str(), &found) != 0) {
    if (errno != ENOENT) throw StorageError(storage_problem(path, errno, "create"));
    return target;
  }
  if (S_ISDIR(found.st_mode)) throw StorageError(storage_problem(path, EISDIR, "create"));
  if (!S_ISREG(found.st_mode)) refuse_kind(path);
  if (::access(target.path.c_str(), W_OK) != 0) throw StorageError(storage_problem(path, errno, "replace"));
  target.exists = true;
  target.mode = found.st_mode & 07777;
  return target;
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Short whatever the target's name, so that a name of the greatest length works.
std::string temporary_beside(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  return fmt::format("{}/.attnscope-{}-{}.tmp", folder_of(path), ::getpid(), counter++);
}

/// Makes the rename itself survive a power loss. Some file systems cannot; the file is whole all the same.
void sync_folder(const std::string& folder) {
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  ::fsync(opened);
  ::close(opened);
}

bool is_full(int error) { return error == ENOSPC || error == EDQUOT; }

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  const Target target = find_target(path);
  target_ = target.path;
  mode_ = target.exists ? target.mode : 0;
  const std::string temporary = temporary_beside(target_);
  file_ = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFileMode);
  if (file_ < 0) fail(errno, "create");
  temporary_ = temporary;
}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail(int error, const char* action) {
  if (!is_full(error)) throw StorageError(storage_problem(path_, error, action));
  throw StorageError(
      no_space_problem(path_, folder_of(target_), error, std::max(expected_bytes_, position_)));
}

void AtomicFile::write(const void* data, std::size_t size_bytes) {
  constexpr std::size_t kLargestWrite = std::size_t{1} << 26;
  const auto* bytes = static_cast<const char*>(data);
  expected_bytes_ = std::max(expected_bytes_, position_ + size_bytes);
  while (size_bytes > 0) {
    const ssize_t written = ::write(file_, bytes, std::min(size_bytes, kLargestWrite));
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(errno, "write");
    }
    bytes += written;
    size_bytes -= static_cast<std::size_t>(written);
    position_ += static_cast<std::uint64_t>(written);
  }
}

void AtomicFile::close_file() {
  const int file = file_;
  file_ = -1;
  // After EINTR the descriptor is closed all the same on Linux, and fsync has reported what matters.
  if (::close(file) != 0 && errno != EINTR) fail(errno, "close");
}

void AtomicFile::commit() {
  if (mode_ != 0 && ::fchmod(file_, mode_) != 0) fail(errno, "set the permissions");
  if (::fsync(file_) != 0) fail(errno, "write to the disk");
  close_file();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno, "rename");
  temporary_.clear();
  sync_folder(folder_of(target_));
}

void check_writable(const std::string& path) {
  const AtomicFile probe(path);  // made and removed: no other test answers for every file system
}

}  // namespace attnscope
