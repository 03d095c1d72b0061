// SPDX-License-Identifier: Apache-2.0
// Reads file names from standard input and writes for each line "accept" or the code of the error.
#include <iostream>
#include <string>

#include "attnscope/checkpoint.h"
#include "attnscope/error.h"

namespace {

std::string verdict_on(const std::string& path) {
  try {
    (void)attnscope::SafetensorsFile::open(path);
    return "accept";
  } catch (const attnscope::Error& error) {
    return error.code();
  }
}

}  // namespace

int main() {
  for (std::string path; std::getline(std::cin, path);) std::cout << verdict_on(path) << '\n';
}
