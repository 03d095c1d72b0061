// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <exception>
#include <new>

#include "command_line.h"
#include "errors.h"
#include "process.h"

namespace {

using namespace attnscope;
using namespace attnscope::cli;

int report_out_of_memory(ErrorStyle style) {
  ErrorInfo info;
  info.kind = ErrorKind::limit;
  info.code = "MEMORY";
  info.what = "not enough memory";
  info.hint = "take shorter or fewer texts, fewer layers, or --reduce mean";
  report(info, style);
  return static_cast<int>(info.kind);
}

int report_defect(const std::exception& error, ErrorStyle style) {
  ErrorInfo info;
  info.code = "INTERNAL";
  info.what = error.what();
  info.hint = "this is a defect of attnscope; please report it with the command that led here";
  report(info, style);
  return 1;
}

int run_to_end(int argc, const char* const* argv) {
  int code = 0;
  try {
    code = run_command_line(argc, argv);
  } catch (const WrongFound&) {
    code = 1;
  }
  flush_output();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  prepare_process();
  const ErrorStyle style = error_style(argc, argv);
  try {
    return run_to_end(argc, argv);
  } catch (const Interrupted& interrupted) {
    return interrupted.signal == SIGINT ? kExitInterrupted : 128 + interrupted.signal;
  } catch (const Error& error) {
    report(error.info(), style);
    return error.exit_code();
  } catch (const std::bad_alloc&) {
    return report_out_of_memory(style);
  } catch (const std::exception& error) {
    return report_defect(error, style);
  }
}
