// SPDX-License-Identifier: Apache-2.0
//
// A model that runs again and again holds its weights once. Each test is best run in a process of its own, as
// ctest does: a second one reuses memory that the first has freed.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <optional>

#include "checkpoint/memory_use.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAllowanceBytes = std::size_t{64} << 20;
constexpr std::int64_t kTokens = 128;
const TinySpec kSpec{.layers = 8, .heads = 8, .width = 512, .hidden = 2048, .positions = kTokens};
const std::size_t kResultBytes =
    static_cast<std::size_t>(kSpec.layers * kSpec.heads * kTokens * kTokens) * sizeof(float);

// 100 MB of weights in a directory, whose files are read, and in a hub cache, whose files are mapped.
class Memory : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_.emplace();
    write_model(*folder_, kSpec, random_weights(kSpec));
    const fs::path model = folder_->path("cache/models--o--m");
    folder_->write("cache/models--o--m/refs/main", "0123abcd");
    fs::create_directories(model / "snapshots");
    fs::create_directory_symlink(folder_->path(""), model / "snapshots/0123abcd");
    ::setenv("HF_HUB_CACHE", folder_->path("cache").c_str(), 1);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    if (!kMemoryIsMeasurable) GTEST_SKIP() << "the sanitizer's own memory counts";
    if (status_bytes("VmHWM") == 0) GTEST_SKIP() << "no /proc/self/status";
  }

  static std::size_t file_bytes() { return fs::file_size(folder_->path("model.safetensors")); }
  static std::string directory() { return folder_->path(""); }

 private:
  static inline std::optional<TemporaryDirectory> folder_;
};

std::size_t peak_of_runs(const std::string& source, int calls) {
  return peak_growth_bytes([&] {
    const Model model = Model::load(source);
    ModelRun run(model);
    for (int call = 0; call < calls; ++call) run({random_text(kTokens, 1)}, Request::attentions());
  });
}

TEST_F(Memory, OfManyRunsOfAModelInADirectoryIsThatOfItsFile) {
  EXPECT_GE(peak_of_runs(directory(), 1), file_bytes() / 2) << "the measure does not see the weights";
  EXPECT_LE(peak_of_runs(directory(), 10), file_bytes() + kResultBytes + kAllowanceBytes);
}

TEST_F(Memory, OfManyRunsOfAModelInTheHubCacheIsThatOfItsFile) {
  EXPECT_LE(peak_of_runs("o/m", 10), file_bytes() + kResultBytes + kAllowanceBytes);
}

}  // namespace
}  // namespace attnscope
