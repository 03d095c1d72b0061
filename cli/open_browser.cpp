// SPDX-License-Identifier: Apache-2.0
#include "open_browser.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

namespace attnscope::cli {

bool open_browser(const std::string& url) {
  if (::isatty(STDOUT_FILENO) != 1) return false;
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
  // A process group of its own: Ctrl-C is meant for the server, not for the browser.
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::string program = "xdg-open";
  std::string address = url;
  char* const arguments[] = {program.data(), address.data(), nullptr};
  pid_t process = 0;
  const int error = ::posix_spawnp(&process, program.c_str(), &files, &attributes, arguments, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error == 0;
}

}  // namespace attnscope::cli
