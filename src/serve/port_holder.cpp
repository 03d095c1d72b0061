// SPDX-License-Identifier: Apache-2.0
//
// Linux's /proc: the tables of sockets, and what the descriptors of each process point to.

#include "serve/port_holder.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace attnscope::serve {
namespace {

namespace fs = std::filesystem;

/// The fields of a line, apart by blanks.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; (at = line.find_first_not_of(' ', at)) != std::string::npos;) {
    const std::size_t end = line.find(' ', at);
    fields.push_back(line.substr(at, end - at));
    at = end;
  }
  return fields;
}

/// "socket:[INODE]" of those that listen on the port.
std::set<std::string> listening_sockets(std::uint16_t port) {
  constexpr std::size_t kAddress = 1;
  constexpr std::size_t kState = 3;
  constexpr std::size_t kInode = 9;
  const std::string suffix = fmt::format(":{:04X}", port);
  std::set<std::string> sockets;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      const auto fields = fields_of(line);
      constexpr const char* kListening = "0A";
      if (fields.size() > kInode && fields[kAddress].ends_with(suffix) && fields[kState] == kListening)
        sockets.insert("socket:[" + fields[kInode] + "]");
    }
  }
  return sockets;
}

bool has_one_of(const fs::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator entry(process / "fd", error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code unreadable;
    if (sockets.contains(fs::read_symlink(entry->path(), unreadable).string())) return true;
  }
  return false;
}

std::optional<fs::path> process_with(const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const bool is_process = name.find_first_not_of("0123456789") == std::string::npos;
    if (is_process && has_one_of(entry->path(), sockets)) return entry->path();
  }
  return std::nullopt;
}

}  // namespace

std::string port_holder(std::uint16_t port) {
  const std::set<std::string> sockets = listening_sockets(port);
  const auto process = sockets.empty() ? std::nullopt : process_with(sockets);
  if (!process) return fmt::format("'ss -ltnp sport = :{}' tells who listens there", port);
  std::ifstream file(*process / "comm");
  std::string name;
  std::getline(file, name);
  return fmt::format("process {} ({}) listens there", process->filename().string(), name);
}

}  // namespace attnscope::serve
