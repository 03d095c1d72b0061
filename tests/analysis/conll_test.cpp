// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attnscope/entities.h"
#include "attnscope/error.h"
#include "core/temporary_directory.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Conll : public testing::Test {
 protected:
  std::string file(const std::string& text) { return directory_.write("dev.conll", text); }
  std::vector<LabelledSentence> read(const std::string& text) {
    ConllReader reader(file(text));
    std::vector<LabelledSentence> sentences;
    while (auto sentence = reader.next()) sentences.push_back(std::move(*sentence));
    return sentences;
  }
  std::string refusal(const std::string& text) {
    try {
      static_cast<void>(read(text));
    } catch (const TextError& error) {
      EXPECT_EQ(error.code(), "CONLL_LINE");
      EXPECT_THAT(error.what(), HasSubstr("dev.conll"));
      return error.what();
    }
    return "";
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(Conll, TheWordIsFirstAndTheLabelLast) {
  const auto sentences =
      read("-DOCSTART- -X- -X- O\n\nAngela NNP B-NP B-PER\nlives\tVBZ\tO\n\n\n \t\nParis B-LOC");
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_THAT(sentences[0].words, ElementsAre("Angela", "lives"));
  EXPECT_THAT(sentences[0].labels, ElementsAre("B-PER", "O"));
  EXPECT_EQ(sentences[0].line, 3);
  EXPECT_THAT(sentences[1].words, ElementsAre("Paris"));
  EXPECT_EQ(sentences[1].line, 8);
}

TEST_F(Conll, CommentsStandBeforeASentence) {
  const auto sentences = read("# id 12\nhash O\n# O\n#x O\n");
  ASSERT_EQ(sentences.size(), 1U);
  EXPECT_THAT(sentences[0].words, ElementsAre("hash", "#", "#x"));
  EXPECT_EQ(sentences[0].line, 2);
}

TEST_F(Conll, OtherSystemsEndsOfLinesAndAByteOrderMarkAreTaken) {
  const auto sentences = read("\xEF\xBB\xBF\u00dcber O\r\n\r\nParis B-LOC\r\n");
  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_THAT(sentences[0].words, ElementsAre("\u00dcber"));
  EXPECT_THAT(sentences[1].labels, ElementsAre("B-LOC"));
}

TEST_F(Conll, AnEmptyFileHasNoSentences) {
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("\n\n# only this\n").empty());
}

TEST_F(Conll, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_THAT(refusal("Paris B-LOC\nalone\n"), HasSubstr("line 2: 'alone' is one column"));
  EXPECT_THAT(refusal("Paris LOC\n"), HasSubstr("line 1: 'LOC' is no label"));
  EXPECT_THAT(refusal("\nParis B-\n"), HasSubstr("line 2: 'B-' is no label"));
  EXPECT_THAT(refusal("a O\nb O\n\xff O\n"), HasSubstr("line 3: byte 0 of the line is not valid UTF-8"));
  EXPECT_THAT(refusal(std::string((1U << 20U) + 2, 'x')), HasSubstr("line 1: is longer than 1048576 bytes"));
}

TEST_F(Conll, ASentenceWithoutEndIsRefusedBeforeItFillsTheMemory) {
  std::string text;
  for (int word = 0; word <= 100'000; ++word) text += "w O\n";
  EXPECT_THAT(refusal(text), HasSubstr("line 100001: a sentence of more than 100000 words"));
}

TEST_F(Conll, TheFractionGrowsToOne) {
  ConllReader reader(file("a O\n\n" + std::string(200'000, '\n') + "b O\n"));
  EXPECT_EQ(reader.fraction(), 0.0);
  ASSERT_TRUE(reader.next().has_value());
  const double first = reader.fraction().value();
  EXPECT_GT(first, 0.0);
  EXPECT_LT(first, 0.01);
  ASSERT_TRUE(reader.next().has_value());
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_EQ(reader.fraction(), 1.0);
}

TEST_F(Conll, AFileThatIsNotThereIsAStorageError) {
  EXPECT_THROW(ConllReader("no/such.conll"), StorageError);
  EXPECT_THROW(ConllReader("/"), StorageError);
}

}  // namespace
}  // namespace attnscope
