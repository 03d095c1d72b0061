// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/pretrained.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "checkpoint/embedded.h"
#include "checkpoint/safetensors_builder.h"
#include "core/temporary_directory.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

// The hub cache's variables, pointed at one directory and put back afterwards.
class Pretrained : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME"}) {
      const char* value = ::getenv(name);
      saved_.emplace_back(name, value == nullptr ? std::optional<std::string>() : value);
      ::unsetenv(name);
    }
    ::setenv("HOME", cache_.path("home").c_str(), 1);
  }
  void TearDown() override {
    for (const auto& [name, value] : saved_) value ? ::setenv(name, value->c_str(), 1) : ::unsetenv(name);
  }

  void write_snapshot(const std::string& hub, const std::string& folder,
                      const std::string& revision = "0123abcd") const {
    cache_.write(hub + "/" + folder + "/refs/main", revision);
    cache_.write(hub + "/" + folder + "/snapshots/" + revision + "/config.json", "{}");
  }

  TemporaryDirectory cache_;

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> saved_;
};

ErrorInfo locating(const std::string& source) {
  return error_of([&] { (void)ModelFiles::locate(source); });
}

TEST_F(Pretrained, ADirectoryGivesItsFiles) {
  cache_.write("model/config.json", "{\"a\": 1}");
  const ModelFiles files = ModelFiles::locate(cache_.path("model"));
  EXPECT_TRUE(files.has("config.json"));
  EXPECT_FALSE(files.has("vocab.txt"));
  EXPECT_EQ(files.text("config.json", 100), "{\"a\": 1}");
  EXPECT_EQ(files.label("config.json"), cache_.path("model/config.json"));
  EXPECT_EQ(error_of([&] { (void)files.text("config.json", 3); }).code, "FILE_LIMIT");
  EXPECT_EQ(files.tensors(), nullptr);
}

TEST_F(Pretrained, MemoryGivesItsFilesAndTensorsUnderItsLabel) {
  const Tensor weight = Tensor::of({2}, std::vector<float>{1, 2});
  const ModelFiles files = ModelFiles::from_memory({{"config.json", "{\"a\": 1}"}}, "torch", {{"w", weight}});
  EXPECT_EQ(files.source(), "torch");
  EXPECT_EQ(files.directory(), "");
  EXPECT_TRUE(files.has("config.json"));
  EXPECT_FALSE(files.has("vocab.txt"));
  EXPECT_EQ(files.text("config.json", 100), "{\"a\": 1}");
  EXPECT_EQ(files.label("config.json"), "torch/config.json");
  EXPECT_EQ(files.tensors()->at("w").f32(), weight.f32());
  EXPECT_TRUE(files.weights().empty());
  const ErrorInfo limit = error_of([&] { (void)files.text("config.json", 3); });
  EXPECT_EQ(limit.code, "FILE_LIMIT");
  EXPECT_EQ(limit.file, "torch/config.json");
  EXPECT_EQ(error_of([&] { (void)files.text("vocab.txt", 3); }).file, "torch/vocab.txt");
}

TEST_F(Pretrained, WhatIsNoDirectoryIsRefused) {
  const std::string file = cache_.write("model.safetensors", "x");
  EXPECT_EQ(locating(file).code, "MODEL_KIND");
  EXPECT_EQ(locating(cache_.path("absent")).code, "MODEL_MISSING");
  EXPECT_EQ(locating("./absent").code, "MODEL_MISSING");
  EXPECT_EQ(locating(std::string("a\0b", 3)).code, "MODEL_MISSING");
}

TEST_F(Pretrained, TheCacheIsFoundByEveryVariableInItsOrder) {
  write_snapshot("home/.cache/huggingface/hub", "models--name");
  EXPECT_EQ(ModelFiles::locate("name").directory(),
            cache_.path("home/.cache/huggingface/hub/models--name/snapshots/0123abcd"));

  ::setenv("XDG_CACHE_HOME", cache_.path("xdg").c_str(), 1);
  write_snapshot("xdg/huggingface/hub", "models--name");
  EXPECT_THAT(ModelFiles::locate("name").directory(), HasSubstr("/xdg/huggingface/hub/"));

  ::setenv("HF_HOME", cache_.path("hf").c_str(), 1);
  write_snapshot("hf/hub", "models--owner--name");
  EXPECT_THAT(ModelFiles::locate("owner/name").directory(), HasSubstr("/hf/hub/models--owner--name/"));

  ::setenv("HF_HUB_CACHE", cache_.path("direct").c_str(), 1);
  write_snapshot("direct", "models--owner--name");
  cache_.write("direct/models--owner--name/refs/main", "0123abcd\n");
  EXPECT_THAT(ModelFiles::locate("owner/name").directory(), HasSubstr("/direct/models--owner--name/"));
}

TEST_F(Pretrained, AModelThatIsNotInTheCacheGivesTheFolderAndAWay) {
  ::setenv("HF_HOME", cache_.path("hf").c_str(), 1);
  const ErrorInfo error = locating("distilbert-base-uncased");
  EXPECT_EQ(error.code, "HUB_MISSING");
  EXPECT_EQ(error.kind, ErrorKind::hub);
  EXPECT_THAT(error.what, HasSubstr(cache_.path("hf/hub/models--distilbert-base-uncased")));
  EXPECT_THAT(error.hint, HasSubstr("hf download distilbert-base-uncased"));
}

TEST_F(Pretrained, ADirectoryOfTheSameNameWinsOverTheCache) {
  write_snapshot("home/.cache/huggingface/hub", "models--owner--name");
  cache_.write("work/owner/name/config.json", "{}");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(cache_.path("work"));
  EXPECT_EQ(ModelFiles::locate("owner/name").directory(), "owner/name");
  std::filesystem::current_path(before);
}

TEST_F(Pretrained, Row103_ARefThatLeadsElsewhereIsRefused) {
  for (const char* revision : {"../../x", "/etc", "..", "", "a/b"}) {
    cache_.write("home/.cache/huggingface/hub/models--name/refs/main", revision);
    EXPECT_EQ(locating("name").code, "HUB_MISSING") << revision;
  }
}

TEST_F(Pretrained, Row104_NamesThatTheHubCannotHoldAreRefused) {
  for (const std::string& name :
       {std::string("a/b/c"), std::string("a--b"), std::string(97, 'a'), std::string("a..b"),
        std::string("-a"), std::string("a."), std::string("a/"), std::string("a b"), std::string("x.git"),
        std::string("caf\xC3\xA9"), std::string("a\\..\\b"), std::string()}) {
    const ErrorInfo error = locating(name);
    EXPECT_EQ(error.code, "HUB_NAME") << name;
    EXPECT_EQ(error.kind, ErrorKind::usage);
  }
}

TEST_F(Pretrained, Row110_ACacheVariableThatIsNoAbsolutePathIsRefused) {
  ::setenv("HF_HOME", "relative/path", 1);
  EXPECT_EQ(locating("name").code, "HUB_HOME");
  EXPECT_EQ(locating("name").kind, ErrorKind::usage);
  ::setenv("HF_HOME", "~/elsewhere", 1);
  write_snapshot("home/elsewhere/hub", "models--name");
  EXPECT_THAT(ModelFiles::locate("name").directory(), HasSubstr("/home/elsewhere/hub/"));
}

TEST_F(Pretrained, WeightsComeFromOneFileOrFromShards) {
  cache_.write("one/model.safetensors", SafetensorsBuilder().add("w", {1}, {1}).bytes());
  EXPECT_EQ(ModelFiles::locate(cache_.path("one")).weights().size(), 1U);

  cache_.write("many/m1.safetensors", SafetensorsBuilder().add("w", {1}, {1}).bytes());
  cache_.write("many/model.safetensors.index.json", R"({"weight_map":{"w":"m1.safetensors"}})");
  EXPECT_EQ(ModelFiles::locate(cache_.path("many")).weights().size(), 1U);
}

TEST_F(Pretrained, Row26_WeightsThatAreNoFileAreRefusedWithoutWaiting) {
  std::filesystem::create_directories(cache_.path("pipe"));
  ASSERT_EQ(::mkfifo(cache_.path("pipe/model.safetensors").c_str(), 0600), 0);
  EXPECT_EQ(error_of([&] { (void)ModelFiles::locate(cache_.path("pipe")).weights(); }).code, "FILE_KIND");

  std::filesystem::create_directories(cache_.path("dangling"));
  std::filesystem::create_symlink("nowhere", cache_.path("dangling/model.safetensors"));
  const ErrorInfo error = error_of([&] { (void)ModelFiles::locate(cache_.path("dangling")).weights(); });
  EXPECT_THAT(error.what, HasSubstr("No such file or directory"));
}

TEST_F(Pretrained, Row28_APickleIsRefusedWithAWayToConvertIt) {
  cache_.write("model/pytorch_model.bin", "PK");
  const ErrorInfo error = error_of([&] { (void)ModelFiles::locate(cache_.path("model")).weights(); });
  EXPECT_EQ(error.code, "PICKLE_REFUSED");
  EXPECT_THAT(error.hint, testing::AllOf(HasSubstr("weights_only=True"), HasSubstr("save_file")));
}

TEST_F(Pretrained, ADirectoryWithoutWeightsIsRefused) {
  cache_.write("model/config.json", "{}");
  EXPECT_EQ(error_of([&] { (void)ModelFiles::locate(cache_.path("model")).weights(); }).code,
            "WEIGHTS_MISSING");
}

TEST_F(Pretrained, OnlyTheDemoIsBuiltIn) { EXPECT_EQ(locating("builtin:other").code, "MODEL_NAME"); }

TEST_F(Pretrained, TheEmbeddedModelIsWhole) {
  if (find_embedded_file("config.json") == nullptr) {
    EXPECT_EQ(locating("builtin:demo").code, "MODEL_MISSING");
    GTEST_SKIP() << "data/demo-ner was not there when this build was configured";
  }
  const ModelFiles files = ModelFiles::locate("builtin:demo");
  EXPECT_EQ(files.label("config.json"), "builtin:demo/config.json");
  EXPECT_EQ(files.text("config.json", 1 << 20).front(), '{');
  EXPECT_FALSE(files.has("pytorch_model.bin"));
  ASSERT_EQ(files.weights().size(), 1U);
  EXPECT_FALSE(files.weights()[0].entries().empty());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(find_embedded_file("model.safetensors")->data) % 64, 0U);
  EXPECT_EQ(error_of([&] { (void)files.text("absent.json", 10); }).code, "FILE_OPEN");
}

}  // namespace
}  // namespace attnscope
