// SPDX-License-Identifier: Apache-2.0
// The server with other limits, for the tests of the ones that take long to reach:
//   serve_probe [--header-ms N] [--request-ms N] [--write-ms N] [--idle-ms N] [--connections N]
//               [--largest-block BYTES]
// Prints the address and serves until standard input ends. --largest-block: memory blocks over that size are
// refused from then on.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include "attnscope/model.h"
#include "serve/running_server.h"

namespace {

std::atomic<std::size_t> largest_block = SIZE_MAX;

void* allocate(std::size_t size, std::size_t alignment) {
  if (size > largest_block.load()) throw std::bad_alloc();
  void* memory = nullptr;
  if (::posix_memalign(&memory, alignment, size) != 0) throw std::bad_alloc();
  return memory;
}

attnscope::serve::Limits::Time milliseconds(const std::string& text) {
  return attnscope::serve::Limits::Time(std::stol(text));
}

attnscope::serve::Limits read_limits(const std::map<std::string, std::string>& arguments) {
  attnscope::serve::Limits limits;
  for (const auto& [name, value] : arguments) {
    if (name == "--header-ms") limits.header_time = milliseconds(value);
    if (name == "--request-ms") limits.request_time = milliseconds(value);
    if (name == "--write-ms") limits.write_time = milliseconds(value);
    if (name == "--idle-ms") limits.idle_time = milliseconds(value);
    if (name == "--connections") limits.connections = std::stoul(value);
  }
  return limits;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

int main(int argc, char** argv) {
  std::map<std::string, std::string> arguments;
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  attnscope::serve::RunningServer server(attnscope::Model::load(), {}, read_limits(arguments));
  std::printf("%s\n", server.url().c_str());
  std::fflush(stdout);
  if (arguments.contains("--largest-block")) largest_block = std::stoul(arguments["--largest-block"]);
  while (std::getchar() != EOF) {
  }
  server.stop(0.0);
}
