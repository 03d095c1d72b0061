// SPDX-License-Identifier: Apache-2.0
#include "outputs/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "attnscope/error.h"
#include "attnscope/outputs.h"
#include "outputs/test_folder.h"

namespace attnscope {
namespace {

using ::testing::HasSubstr;

class AtomicFileTest : public TestFolder {
 protected:
  static ErrorInfo error_of(const std::string& path) {
    try {
      check_writable(path);
    } catch (const StorageError& error) {
      return error.info();
    }
    ADD_FAILURE() << path << " was accepted";
    return {};
  }
};

TEST_F(AtomicFileTest, AppearsUnderItsNameOnlyWithCommit) {
  AtomicFile file(path("out"));
  file.write("abc");
  EXPECT_FALSE(std::filesystem::exists(path("out")));
  file.commit();
  EXPECT_EQ(content(path("out")), "abc");
  EXPECT_EQ(files(), 1U);
}

TEST_F(AtomicFileTest, LeavesNothingBehindWithoutCommit) {
  { AtomicFile(path("out")).write("abc"); }
  EXPECT_EQ(files(), 0U);
}

TEST_F(AtomicFileTest, ReplacesAFileAndKeepsItsPermissions) {
  std::ofstream(path("out")) << "old";
  ASSERT_EQ(::chmod(path("out").c_str(), 0640), 0);
  AtomicFile file(path("out"));
  file.write("new");
  EXPECT_EQ(content(path("out")), "old");
  file.commit();
  EXPECT_EQ(content(path("out")), "new");
  EXPECT_EQ(std::filesystem::status(path("out")).permissions(), std::filesystem::perms{0640});
}

TEST_F(AtomicFileTest, WritesThroughALinkAndKeepsTheLink) {
  std::ofstream(path("real")) << "old";
  std::filesystem::create_symlink("real", path("link"));
  AtomicFile file(path("link"));
  file.write("new");
  file.commit();
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(content(path("real")), "new");
}

TEST_F(AtomicFileTest, TakesANameOfTheGreatestLength) {
  const std::string longest(255, 'n');
  AtomicFile file(path(longest));
  file.commit();
  EXPECT_TRUE(std::filesystem::exists(path(longest)));
}

TEST_F(AtomicFileTest, RefusesANameOf256Bytes) {
  EXPECT_EQ(error_of(path(std::string(256, 'n'))).code, "OUT_NAME");
}

TEST_F(AtomicFileTest, RefusesAMissingParent) {
  EXPECT_EQ(error_of(path("none/out")).code, "OUT_PARENT");
  EXPECT_EQ(files(), 0U);
}

TEST_F(AtomicFileTest, RefusesAParentThatIsAFile) {
  std::ofstream(path("file")) << "x";
  EXPECT_EQ(error_of(path("file/out")).code, "OUT_PARENT");
}

TEST_F(AtomicFileTest, RefusesAFolder) { EXPECT_EQ(error_of(folder().string()).code, "OUT_IS_FOLDER"); }

TEST_F(AtomicFileTest, RefusesAFifoWithoutHanging) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(error_of(path("fifo")).code, "OUT_NOT_A_FILE");
}

TEST_F(AtomicFileTest, RefusesADanglingLink) {
  std::filesystem::create_symlink("nowhere", path("link"));
  EXPECT_EQ(error_of(path("link")).code, "OUT_PARENT");
}

TEST_F(AtomicFileTest, RefusesAFolderThatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  ASSERT_EQ(::chmod(folder().c_str(), 0500), 0);
  EXPECT_EQ(error_of(path("out")).code, "OUT_DENIED");
  ::chmod(folder().c_str(), 0700);
}

TEST_F(AtomicFileTest, SaysTheBytesNeededAndFreeWhenTheDiskIsFull) {
  if (::mount("tmpfs", folder().c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "mounting a small file system needs more rights";
  }
  const std::string block(std::size_t{1} << 20U, 'x');
  try {
    AtomicFile file(path("out"));
    file.write(block);
    ADD_FAILURE() << "1 MiB fitted into 64 KiB";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.code(), "OUT_NO_SPACE");
    EXPECT_EQ(error.exit_code(), 4);
    EXPECT_THAT(error.what(), HasSubstr("1048576 bytes needed"));
    EXPECT_THAT(error.what(), HasSubstr("bytes free"));
  }
  EXPECT_EQ(files(), 0U);
  ::umount(folder().c_str());
}

TEST_F(AtomicFileTest, RefusesAReadOnlyFileSystem) {
  if (::mount("tmpfs", folder().c_str(), "tmpfs", MS_RDONLY, nullptr) != 0) {
    GTEST_SKIP() << "mounting a read-only file system needs more rights";
  }
  EXPECT_EQ(error_of(path("out")).code, "OUT_READ_ONLY");
  ::umount(folder().c_str());
}

TEST_F(AtomicFileTest, SaysWhenTheFileSizeLimitIsReached) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1024, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_THROW(AtomicFile(path("out")).write(std::string(4096, 'x')), StorageError);
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace attnscope
