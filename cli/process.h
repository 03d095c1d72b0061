// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace attnscope::cli {

/// The first thing in main: closed descriptors 0 to 2 are opened on the null device, so that no file that is
/// opened later takes their place; a closed pipe and a file size limit become errors instead of signals; the
/// first Ctrl-C sets a flag, the second ends the process at once.
void prepare_process();
/// Takes a lost terminal as Ctrl-C, unless the process was started to survive it (nohup).
void handle_hangup();

/// Thrown where work can be left without harm after Ctrl-C.
struct Interrupted {
  int signal;
};
void check_interrupt();

/// Thrown by a command that has done its work and reports something wrong: exit code 1, no message.
struct WrongFound {};

/// Results. Throws StorageError (STDOUT) if they cannot be written.
void print(std::string_view text);
/// To be called before the process ends well, for the same reason.
void flush_output();

}  // namespace attnscope::cli
