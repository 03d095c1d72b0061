// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/temporary_directory.h"

namespace attnscope {

/// An empty folder that goes with the test.
class TestFolder : public ::testing::Test {
 protected:
  [[nodiscard]] const std::filesystem::path& folder() const { return directory_.path(); }
  [[nodiscard]] std::string path(const std::string& name) const { return directory_.path(name); }
  [[nodiscard]] std::size_t files() const {
    const std::filesystem::directory_iterator entries(folder());
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }
  static std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  TemporaryDirectory directory_;
};

}  // namespace attnscope
