// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "attnscope/error.h"

namespace attnscope::cli {
namespace {

volatile sig_atomic_t pending_signal = 0;

void remember_signal(int signal) { pending_signal = signal; }

void open_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    // open() takes the lowest free number, which is this one.
    static_cast<void>(::open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY));
  }
}

void handle(int signal) {
  struct sigaction action {};
  action.sa_handler = remember_signal;
  // Not SA_RESTART: a read from a pipe returns, so that the flag is seen.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(signal, &action, nullptr);
}

[[noreturn]] void fail_output(int error) {
  ErrorInfo info;
  info.kind = ErrorKind::storage;
  info.code = "STDOUT";
  info.file = "standard output";
  info.what = "cannot write: " + std::generic_category().message(error);
  throw StorageError(std::move(info));
}

}  // namespace

void prepare_process() {
  open_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  handle(SIGINT);
  handle(SIGTERM);
}

void handle_hangup() {
  struct sigaction now {};
  if (::sigaction(SIGHUP, nullptr, &now) == 0 && now.sa_handler != SIG_IGN) handle(SIGHUP);
}

void check_interrupt() {
  if (pending_signal != 0) throw Interrupted{pending_signal};
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_output(errno);
}

void flush_output() {
  if (std::fflush(stdout) != 0) fail_output(errno);
}

}  // namespace attnscope::cli
