// SPDX-License-Identifier: Apache-2.0
#include "core/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include "attnscope/error.h"
#include "core/temporary_directory.h"

namespace attnscope {
namespace {

std::string text_of(const FileBytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size_bytes};
}

template <class Failing>
std::string code_of(const Failing& failing) {
  try {
    failing();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

TEST(Files, AFileIsReadWholeIntoAlignedMemory) {
  const TemporaryDirectory directory;
  for (const std::size_t size_bytes : {std::size_t{1}, std::size_t{4097}, std::size_t{3'000'001}}) {
    const std::string text(size_bytes, 'x');
    const FileBytes bytes = read_file(directory.write("a.bin", text));
    EXPECT_EQ(text_of(bytes), text);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes.data) % 64, 0U);
  }
}

TEST(Files, AnEmptyFileHasNoBytes) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("empty", "");
  EXPECT_EQ(read_file(path).size_bytes, 0U);
  EXPECT_EQ(read_text_file(path, 10), "");
  EXPECT_EQ(map_file(path).size_bytes, 0U);
}

TEST(Files, AMapShowsTheFile) {
  const TemporaryDirectory directory;
  EXPECT_EQ(text_of(map_file(directory.write("a.bin", "mapped"))), "mapped");
}

TEST(Files, ALimitIsCheckedBeforeReading) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("big", "12345");
  EXPECT_EQ(read_text_file(path, 5), "12345");
  try {
    (void)read_text_file(path, 4);
    FAIL() << "no error";
  } catch (const LimitError& error) {
    EXPECT_EQ(error.code(), "FILE_LIMIT");
    EXPECT_EQ(error.exit_code(), 6);
  }
}

TEST(Files, ASparseTerabyteOverTheLimitIsRefusedAtOnce) {
  const TemporaryDirectory directory;
  const std::string path = directory.write("sparse", "");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  EXPECT_EQ(code_of([&] { (void)read_text_file(path, 1 << 20); }), "FILE_LIMIT");
}

TEST(Files, Row26_WhatIsNoRegularFileIsRefusedWithoutWaiting) {
  const TemporaryDirectory directory;
  const std::string fifo = directory.path("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::string link = directory.path("link");
  std::filesystem::create_symlink("nowhere", link);

  EXPECT_EQ(code_of([&] { (void)read_file(fifo); }), "FILE_KIND");
  EXPECT_EQ(code_of([&] { (void)map_file(fifo); }), "FILE_KIND");
  EXPECT_EQ(code_of([&] { (void)read_file(directory.path("")); }), "FILE_KIND");
  EXPECT_EQ(code_of([&] { (void)read_file("/dev/zero"); }), "FILE_KIND");
  EXPECT_EQ(code_of([&] { (void)read_file(link); }), "FILE_OPEN");
  EXPECT_EQ(code_of([&] { (void)read_file(std::string("a\0b", 3)); }), "FILE_OPEN");
}

TEST(Files, Row26_ASystemErrorIsGivenInTheSystemsWords) {
  const TemporaryDirectory directory;
  try {
    (void)read_file(directory.path("absent"));
    FAIL() << "no error";
  } catch (const StorageError& error) {
    EXPECT_NE(std::string(error.what()).find("No such file or directory"), std::string::npos) << error.what();
    EXPECT_EQ(error.exit_code(), 3);
  }
}

TEST(Files, Row26_AFileWithoutPermissionIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const TemporaryDirectory directory;
  const std::string path = directory.write("secret", "x");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  EXPECT_EQ(code_of([&] { (void)read_file(path); }), "FILE_OPEN");
}

TEST(Files, Row25_AFileTruncatedWhileItIsReadGivesAnErrorOrTheOldBytes) {
  const TemporaryDirectory directory;
  constexpr std::size_t kSizeBytes = 8'000'000;
  const std::string path = directory.write("shrinking", std::string(kSizeBytes, 'x'));
  std::atomic<bool> stop = false;
  std::thread other([&] {
    while (!stop) {
      std::filesystem::resize_file(path, 1000);
      std::filesystem::resize_file(path, kSizeBytes);
    }
  });
  int changed = 0;
  for (int round = 0; round < 5000 && changed < 3; ++round) {
    const std::string code = code_of([&] { (void)read_file(path); });
    EXPECT_TRUE(code == "no error" || code == "FILE_CHANGED") << code;
    changed += code == "FILE_CHANGED" ? 1 : 0;
  }
  stop = true;
  other.join();
  EXPECT_GT(changed, 0);
}

}  // namespace
}  // namespace attnscope
