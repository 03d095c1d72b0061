// SPDX-License-Identifier: Apache-2.0
// Writes the fixture anew: write_fixture tests/viewer/fixture
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "viewer/fixture.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_fixture FOLDER\n", stderr);
    return 2;
  }
  for (const auto& [name, bytes] : attnscope::make_fixture()) {
    const std::filesystem::path path = std::filesystem::path(argv[1]) / name;
    std::filesystem::create_directories(path.parent_path());
    if (!(std::ofstream(path, std::ios::binary) << bytes)) return 1;
  }
}
