// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <random>

#include "json_model.h"
#include "tokenizer/vocab_txt.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::error_of;
using testing_support::JsonModel;

constexpr auto kVocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nÉ\ne\n";

/// A directory of tokenizer files that goes with the test.
class TokenizerFiles : public testing::Test {
 protected:
  TokenizerFiles()
      : directory_(std::filesystem::temp_directory_path() /
                   ("attnscope_tokenizer_" + std::to_string(std::random_device()()))) {
    std::filesystem::create_directories(directory_);
  }
  ~TokenizerFiles() override { std::filesystem::remove_all(directory_); }

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] Tokenizer load() const { return Tokenizer::load(directory_.string()); }
  [[nodiscard]] ErrorInfo refused() const {
    return error_of([&] { (void)load(); });
  }

  std::filesystem::path directory_;
};

TEST_F(TokenizerFiles, VocabTxtAloneIsTheUncasedBertTokenizer) {
  write("vocab.txt", kVocab);
  const Tokenizer tokenizer = load();
  EXPECT_THAT(tokenizer.encode("A É [MASK]").tokens, ElementsAre("[CLS]", "a", "e", "[MASK]", "[SEP]"));
  EXPECT_THAT(tokenizer.encode_pair("a", "b").token_type_ids, ElementsAre(0, 0, 0, 1, 1));
  EXPECT_EQ(tokenizer.vocab_size(), 9);
  EXPECT_EQ(tokenizer.token_to_id("É"), 7);
  EXPECT_EQ(tokenizer.id_to_token(4), "[MASK]");
  EXPECT_EQ(tokenizer.id_to_token(9), std::nullopt);
  EXPECT_EQ(tokenizer.id_to_token(-1), std::nullopt);
}

TEST(TokenizerFromMemory, IsThatOfADirectoryWithTheSameTexts) {
  const Tokenizer tokenizer = Tokenizer::from_memory(
      {{"vocab.txt", kVocab}, {"tokenizer_config.json", R"({"do_lower_case":false,"model_max_length":7})"}});
  EXPECT_THAT(tokenizer.encode("A É b").tokens, ElementsAre("[CLS]", "[UNK]", "É", "b", "[SEP]"));
  EXPECT_EQ(tokenizer.model_max_length(), 7);
}

TEST(TokenizerFromMemory, NamesTheLabelInErrors) {
  const ErrorInfo absent = error_of([] { (void)Tokenizer::from_memory({}, "hub"); });
  EXPECT_EQ(absent.code, "TOK_MISSING");
  EXPECT_EQ(absent.file, "hub");
  const ErrorInfo wrong = error_of([] { (void)Tokenizer::from_memory({{"tokenizer.json", "{"}}, "hub"); });
  EXPECT_EQ(wrong.file, "hub/tokenizer.json");
}

TEST_F(TokenizerFiles, WordsKeepTheirPositionAndTheirOwnOffsets) {
  write("vocab.txt", kVocab);
  const Encoding encoding = load().encode_words({"a b", "", "é"}, {"b"});
  EXPECT_THAT(encoding.tokens, ElementsAre("[CLS]", "a", "b", "e", "[SEP]", "b", "[SEP]"));
  EXPECT_THAT(encoding.word_ids, ElementsAre(std::nullopt, 0, 0, 2, std::nullopt, 0, std::nullopt));
  EXPECT_EQ(encoding.offsets[2], (Span{2, 3}));
  EXPECT_EQ(encoding.offsets[3], (Span{0, 2}));
}

TEST_F(TokenizerFiles, TokenizerConfigChangesCaseAndSpecialTokens) {
  write("vocab.txt", kVocab);
  write("tokenizer_config.json",
        R"({"do_lower_case":false,"model_max_length":512,"mask_token":{"content":"<m>","lstrip":true}})");
  const Tokenizer tokenizer = load();
  EXPECT_THAT(tokenizer.encode("É <m> A").tokens, ElementsAre("[CLS]", "É", " <m>", "[UNK]", "[SEP]"));
  EXPECT_EQ(tokenizer.token_to_id("<m>"), 9);
  EXPECT_EQ(tokenizer.vocab_size(), 10);
  EXPECT_EQ(tokenizer.id_limit(), 10);
  EXPECT_EQ(tokenizer.model_max_length(), 512);
}

TEST_F(TokenizerFiles, SpecialTokensMapIsReadWhereTheConfigSaysNothing) {
  write("vocab.txt", "[UNK]\n<s>\n</s>\na\n");
  write("special_tokens_map.json", R"({"cls_token":"<s>","sep_token":{"content":"</s>"}})");
  EXPECT_THAT(load().encode("a").tokens, ElementsAre("<s>", "a", "</s>"));
}

TEST_F(TokenizerFiles, AddedTokensOfTheConfigHaveTheirIds) {
  write("vocab.txt", kVocab);
  write("tokenizer_config.json",
        R"({"added_tokens_decoder":{"9":{"content":"zz","special":false,"normalized":true}}})");
  EXPECT_THAT(load().encode("a ZZ").input_ids, ElementsAre(2, 5, 9, 3));
  write("tokenizer_config.json", R"({"added_tokens_decoder":{"12":{"content":"zz"}}})");
  EXPECT_EQ(refused().code, "TOK_ID");
}

TEST_F(TokenizerFiles, AnEndlessMaximumLengthIsNone) {
  write("vocab.txt", kVocab);
  write("tokenizer_config.json", R"({"model_max_length":1000000000000000019884624838656})");
  EXPECT_EQ(load().model_max_length(), std::nullopt);
}

TEST(VocabTxt, Row42LinesAreReadAsTheWheelReadsThem) {
  const VocabTxt vocab = read_vocab_txt("[UNK]\r\na \u3000\n\nb\rc\n e\nlast", "vocab.txt");
  EXPECT_EQ(vocab.vocabulary.id("a"), 1U);
  EXPECT_EQ(vocab.vocabulary.id(""), 2U);
  EXPECT_EQ(vocab.vocabulary.id("b\rc"), 3U);
  EXPECT_EQ(vocab.vocabulary.id(" e"), 4U);
  EXPECT_EQ(vocab.vocabulary.id("last"), 5U);
  EXPECT_EQ(vocab.vocabulary.size(), 6U);
}

TEST(VocabTxt, Row42ATokenOnTwoLinesHasTheLaterIdAndANotice) {
  const VocabTxt vocab = read_vocab_txt("a\nb\na\n", "vocab.txt");
  EXPECT_EQ(vocab.vocabulary.id("a"), 2U);
  ASSERT_EQ(vocab.notices.size(), 1U);
  EXPECT_THAT(vocab.notices.front(), HasSubstr("lines 1 and 3"));
}

TEST(VocabTxt, Row42BadUtf8IsRefusedWithLineAndByte) {
  const ErrorInfo error = error_of([] { (void)read_vocab_txt("a\nb\xFF\n", "vocab.txt"); });
  EXPECT_EQ(error.code, "TOK_UTF8");
  EXPECT_EQ(error.where, "line 2, byte 3");
  EXPECT_EQ(error.offset, 3U);
}

TEST(VocabTxt, Row42ANulIsAnOrdinaryCharacter) {
  using namespace std::string_view_literals;
  EXPECT_EQ(read_vocab_txt("x\0y\nz"sv, "vocab.txt").vocabulary.id("x\0y"sv), 0U);
}

TEST_F(TokenizerFiles, Row43AVocabularyWithoutASpecialTokenIsRefused) {
  for (const char* const vocab : {"[CLS]\n[SEP]\n", "[UNK]\n[SEP]\n", "[UNK]\n[CLS]\n", ""}) {
    write("vocab.txt", vocab);
    EXPECT_EQ(refused().code, "TOK_SPECIAL") << vocab;
  }
}

TEST_F(TokenizerFiles, Row43IdLimitCountsTheRowsThatAnEmbeddingNeeds) {
  write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\nx\nx\n");
  EXPECT_EQ(load().vocab_size(), 4);
  EXPECT_EQ(load().id_limit(), 5);
}

TEST_F(TokenizerFiles, Row50TokenizerJsonWinsOverADifferentVocabTxtWithANotice) {
  write("vocab.txt", kVocab);
  write("tokenizer.json", JsonModel().json());
  const Tokenizer tokenizer = load();
  EXPECT_THAT(tokenizer.encode("a b").input_ids, ElementsAre(3, 4));
  ASSERT_EQ(tokenizer.notices().size(), 1U);
  EXPECT_THAT(tokenizer.notices().front(), HasSubstr("disagrees with vocab.txt from token 0 on"));
}

TEST_F(TokenizerFiles, Row50TheDifferenceIsAnErrorWhereThatIsAskedFor) {
  write("vocab.txt", kVocab);
  write("tokenizer.json", JsonModel().json());
  const ModelFiles files = ModelFiles::locate(directory_.string());
  EXPECT_EQ(error_of([&] { (void)load_tokenizer(files, FileDisagreement::refuse); }).code, "TOK_DISAGREE");
}

TEST_F(TokenizerFiles, Row50FilesThatAgreeGiveNoNotice) {
  write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\nb\n##b\né\n");
  write("tokenizer.json", JsonModel().json());
  EXPECT_TRUE(load().notices().empty());
}

TEST_F(TokenizerFiles, ADirectoryWithoutTokenizerFilesIsRefused) { EXPECT_EQ(refused().code, "TOK_MISSING"); }

}  // namespace
}  // namespace attnscope
