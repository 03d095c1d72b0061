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
#include "checkpoint/memory_use.h"
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

// How much the resident memory shrinks when a part of 5 MB at byte 1000 loses its owner.
std::size_t given_back_bytes(const FileBytes& file) {
  std::shared_ptr<const void> owner = own_part(file, 1000, 5'000'000);
  const std::string text = text_of(file);  // touches every page
  const std::size_t before = status_bytes("VmRSS");
  owner = nullptr;
  const std::size_t after = status_bytes("VmRSS");
  EXPECT_EQ(text_of(file).substr(0, 1000), text.substr(0, 1000));
  EXPECT_EQ(text_of(file).substr(5'001'000), text.substr(5'001'000));
  return before > after ? before - after : 0;
}

std::string some_text() {
  std::string text(8'000'000, 'x');
  for (std::size_t i = 0; i < text.size(); i += 100) text[i] = static_cast<char>('a' + i / 100 % 20);
  return text;
}

TEST(Files, APartWithoutAnOwnerLeavesMemoryAlone) {
  if (status_bytes("VmRSS") == 0) GTEST_SKIP() << "no /proc/self/status";
  const TemporaryDirectory directory;
  const std::string path = directory.write("a.bin", some_text());
  const FileBytes read = read_file(path);
  const FileBytes mapped = map_file(path);
  EXPECT_GT(given_back_bytes(read), 4'500'000U);
  EXPECT_GT(given_back_bytes(mapped), 4'500'000U);
  EXPECT_EQ(text_of(mapped), some_text()) << "a map is read again";
}

TEST(Files, AnOwnerOfAPartKeepsTheFileAlive) {
  const TemporaryDirectory directory;
  FileBytes file = read_file(directory.write("a.bin", some_text()));
  const std::byte* data = file.data;
  const std::shared_ptr<const void> owner = own_part(file, 5000, 100);
  EXPECT_EQ(owner.get(), data + 5000);
  file = {};
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(data) + 5000, 100), some_text().substr(5000, 100));
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
