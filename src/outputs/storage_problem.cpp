// SPDX-License-Identifier: Apache-2.0
#include "outputs/storage_problem.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <system_error>

#include "core/message.h"

namespace attnscope {
namespace {

struct Explanation {
  int error;
  const char* code;
  const char* hint;
};

constexpr Explanation kExplanations[] = {
    {ENOENT, "OUT_PARENT", "create the folder first"},
    {ENOTDIR, "OUT_PARENT", "a part of the path before the last is not a folder"},
    {EISDIR, "OUT_IS_FOLDER", "give the name of a file in it"},
    {EACCES, "OUT_DENIED", "choose a folder and a file that you may write"},
    {EPERM, "OUT_DENIED", "choose a folder and a file that you may write"},
    {EROFS, "OUT_READ_ONLY", "choose a folder on a file system that can be written"},
    {ENAMETOOLONG, "OUT_NAME", "choose a shorter name"},
    {ELOOP, "OUT_LINK", "the links lead round in a circle"},
    {EFBIG, "OUT_TOO_LARGE", "the file size limit of the shell (ulimit -f) or the file system is reached"},
};

const Explanation& explain(int error) {
  static constexpr Explanation kOther{0, "OUT_IO", "nothing was left under this name"};
  for (const Explanation& explanation : kExplanations) {
    if (explanation.error == error) return explanation;
  }
  return kOther;
}

std::string words_of(int error) { return std::generic_category().message(error); }

}  // namespace

ErrorInfo storage_problem(const std::string& path, int error, const char* action) {
  const Explanation& explanation = explain(error);
  return problem(ErrorKind::storage, explanation.code, path)
      .found("cannot {}: {}", action, words_of(error))
      .hint("{}", explanation.hint);
}

ErrorInfo no_space_problem(const std::string& path, const std::string& folder, int error,
                           std::uint64_t needed_bytes) {
  struct statvfs disk {};
  const bool known = ::statvfs(folder.c_str(), &disk) == 0;
  const std::uint64_t free_bytes = known ? std::uint64_t{disk.f_bavail} * disk.f_frsize : 0;
  return problem(ErrorKind::storage, "OUT_NO_SPACE", path)
      .found("cannot write: {}; at least {} bytes needed, {} bytes free", words_of(error), needed_bytes,
             free_bytes)
      .hint("free some space or choose another folder");
}

}  // namespace attnscope
