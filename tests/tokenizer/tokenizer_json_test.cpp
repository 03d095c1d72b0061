// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/tokenizer_json.h"

#include <limits>

#include "json_model.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::added_token;
using testing_support::cls_sep_template;
using testing_support::error_of;
using testing_support::json_array;
using testing_support::JsonModel;

ErrorInfo refused(const JsonModel& model) {
  return error_of([&] { (void)model.load(); });
}

TEST(TokenizerJson, ReadsAWholeTokenizer) {
  JsonModel model;
  model.post_processor = cls_sep_template(
      R"({"[CLS]":{"id":"[CLS]","ids":[1],"tokens":["[CLS]"]},"[SEP]":{"id":"[SEP]","ids":[2],"tokens":["[SEP]"]}})");
  const Encoding encoding = model.load().encode("A bb");
  EXPECT_THAT(encoding.input_ids, ElementsAre(1, 3, 4, 5, 2));
  EXPECT_THAT(encoding.tokens, ElementsAre("[CLS]", "a", "b", "##b", "[SEP]"));
  EXPECT_EQ(encoding.offsets[3], (Span{3, 4}));
  EXPECT_EQ(encoding.word_ids[3], 1);
  EXPECT_EQ(encoding.word_ids[4], std::nullopt);
  EXPECT_THAT(encoding.special_tokens_mask, ElementsAre(1, 0, 0, 0, 1));
}

TEST(TokenizerJson, NullPartsAreNoParts) {
  JsonModel model;
  model.normalizer = "null";
  model.pre_tokenizer = "null";
  EXPECT_THAT(model.load().encode("abb").input_ids, ElementsAre(3, 5, 5));
  EXPECT_THAT(model.load().encode("a b").input_ids, ElementsAre(0));
}

TEST(TokenizerJson, ASequenceOfOneIsThatOne) {
  JsonModel model;
  model.normalizer = R"({"type":"Sequence","normalizers":[)" + model.normalizer + "]}";
  model.pre_tokenizer = R"({"type":"Sequence","pretokenizers":[)" + model.pre_tokenizer + "]}";
  model.post_processor = R"({"type":"Sequence","processors":[]})";
  EXPECT_THAT(model.load().encode("A B").input_ids, ElementsAre(3, 4));
}

TEST(TokenizerJson, Row43AVocabularyWithoutItsUnknownTokenIsRefused) {
  JsonModel model;
  model.unk_token = R"("<unk>")";
  EXPECT_EQ(refused(model).code, "TOK_SPECIAL");
}

TEST(TokenizerJson, Row43ATemplateTokenThatTheVocabularyLacksIsRefused) {
  JsonModel model;
  model.vocab = R"({"[UNK]":0,"[CLS]":1})";
  model.post_processor = R"({"type":"BertProcessing","cls":["[CLS]",1],"sep":["[SEP]",2]})";
  const ErrorInfo error = refused(model);
  EXPECT_EQ(error.code, "TOK_SPECIAL");
  EXPECT_THAT(error.what, HasSubstr("[SEP]"));
}

TEST(TokenizerJson, Row44AnotherModelIsRefusedWithTheSupportedOnes) {
  for (const char* const type : {R"("BPE")", R"("Unigram")", R"("WordLevel")"}) {
    JsonModel model;
    model.model_type = type;
    const ErrorInfo error = refused(model);
    EXPECT_EQ(error.code, "TOK_MODEL");
    EXPECT_EQ(error.field, "/model");
    EXPECT_THAT(error.what, HasSubstr("supported: WordPiece"));
  }
}

TEST(TokenizerJson, Row45IdsThatAreNotOneToOneAreRefused) {
  for (const char* const vocab :
       {R"({"[UNK]":0,"x":2})", R"({"[UNK]":0,"x":-1})", R"({"[UNK]":0,"x":4294967296})",
        R"({"[UNK]":0,"x":0})", R"({"[UNK]":0,"x":1.5})", R"({"[UNK]":0,"x":"1"})",
        R"({"[UNK]":0,"x":4294967295})"}) {
    JsonModel model;
    model.vocab = vocab;
    const ErrorInfo error = refused(model);
    EXPECT_EQ(error.code, "TOK_ID") << vocab;
    EXPECT_EQ(error.field, "/model/vocab/x");
    EXPECT_THAT(error.what, HasSubstr("'x'"));
  }
}

TEST(TokenizerJson, Row45AnAddedTokenWithAnIdThatItDoesNotGetIsRefused) {
  for (const int id : {3, 8, -1}) {
    JsonModel model;
    model.added_tokens = json_array({added_token(id, "new")});
    EXPECT_EQ(refused(model).code, "TOK_ID") << id;
  }
  JsonModel model;
  model.added_tokens = json_array({added_token(7, "new"), added_token(7, "new")});
  EXPECT_EQ(refused(model).field, "/added_tokens/1");
}

TEST(TokenizerJson, Row46AHugeWordLimitIsLoweredWithANotice) {
  JsonModel model;
  model.max_chars = "1000000000";
  const Tokenizer tokenizer = model.load();
  ASSERT_EQ(tokenizer.notices().size(), 1U);
  EXPECT_THAT(tokenizer.notices().front(), HasSubstr("lowered to 10000"));
  EXPECT_THAT(tokenizer.encode("a" + std::string(9999, 'b')).size(), 10000U);
  EXPECT_THAT(tokenizer.encode(std::string(10'000'000, 'b')).input_ids, ElementsAre(0));
}

TEST(TokenizerJson, Row47AnEmptyAddedTokenIsLeftOut) {
  JsonModel model;
  model.added_tokens = json_array({added_token(7, ""), added_token(7, "new")});
  const Tokenizer tokenizer = model.load();
  EXPECT_EQ(tokenizer.notices().size(), 1U);
  EXPECT_THAT(tokenizer.encode("a new").input_ids, ElementsAre(3, 7));
}

TEST(TokenizerJson, Row47ALoneSurrogateIsRefused) {
  JsonModel model;
  model.added_tokens = json_array({added_token(7, R"(\ud800)")});
  EXPECT_EQ(refused(model).kind, ErrorKind::input);
}

TEST(TokenizerJson, Row47OfOverlappingTokensTheLeftmostAndLongestIsFound) {
  JsonModel model;
  model.added_tokens =
      "[" + added_token(7, "xy") + "," + added_token(8, "xyz") + "," + added_token(9, "zq") + "]";
  EXPECT_THAT(model.load().encode("xyzq xy").tokens, ElementsAre("xyz", "[UNK]", "xy"));
}

TEST(TokenizerJson, Row47StripsAndSingleWordsAreFollowed) {
  JsonModel model;
  model.added_tokens = json_array(
      {added_token(7, "[L]", "lstrip"), added_token(8, "[R]", "rstrip"), added_token(9, "S", "single_word")});
  const Encoding encoding = model.load().encode("a [L][R] b S");
  EXPECT_THAT(encoding.tokens, ElementsAre("a", " [L]", "[R] ", "b", "S"));
  EXPECT_EQ(encoding.offsets[1], (Span{1, 5}));
  EXPECT_THAT(model.load().encode("aS").input_ids, ElementsAre(0));
}

TEST(TokenizerJson, Row47ManyAddedTokensAreRead) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 100'000; ++i)
    tokens.push_back(added_token(7 + i, std::string("t").append(std::to_string(i)).append("_")));
  JsonModel model;
  model.added_tokens = json_array(tokens);
  EXPECT_THAT(model.load().encode("a t99999_").input_ids, ElementsAre(3, 100'006));
}

TEST(TokenizerJson, Row47AnAddedTokenThatTheNormalizerErasesIsRefused) {
  JsonModel model;
  model.added_tokens = json_array({added_token(7, "\u0301", "normalized")});
  EXPECT_EQ(refused(model).code, "TOK_UNSUPPORTED");
}

TEST(TokenizerJson, Row48APartThatIsNotImplementedIsNamed) {
  JsonModel normalizer;
  normalizer.normalizer = R"({"type":"Replace","pattern":{"Regex":"(a+)+$"},"content":""})";
  JsonModel pre_tokenizer;
  pre_tokenizer.pre_tokenizer =
      R"({"type":"Split","pattern":{"Regex":"(a+)+$"},"behavior":"Removed","invert":false})";
  JsonModel post_processor;
  post_processor.post_processor = R"({"type":"RobertaProcessing"})";
  for (const auto& [model, name] : {std::pair{normalizer, "Replace"}, std::pair{pre_tokenizer, "Split"},
                                    std::pair{post_processor, "RobertaProcessing"}}) {
    const ErrorInfo error = refused(model);
    EXPECT_EQ(error.code, "TOK_UNSUPPORTED");
    EXPECT_THAT(error.what, HasSubstr(name));
  }
}

TEST(TokenizerJson, Row49ATemplateWithAnUnknownSpecialTokenIsRefused) {
  JsonModel model;
  model.post_processor = cls_sep_template(R"({"[CLS]":{"id":"[CLS]","ids":[1],"tokens":["[CLS]"]}})");
  const ErrorInfo error = refused(model);
  EXPECT_EQ(error.code, "TOK_TEMPLATE");
  EXPECT_THAT(error.what, HasSubstr("[SEP]"));
}

TEST(TokenizerJson, Row49ATemplateThatContradictsTheVocabularyIsRefused) {
  for (const char* const cls :
       {R"({"id":"[CLS]","ids":[2],"tokens":["[CLS]"]})", R"({"id":"[CLS]","ids":[1],"tokens":[]})"}) {
    JsonModel model;
    model.post_processor = cls_sep_template(std::string(R"({"[CLS]":)") + cls +
                                            R"(,"[SEP]":{"id":"[SEP]","ids":[2],"tokens":["[SEP]"]}})");
    EXPECT_EQ(refused(model).code, "TOK_TEMPLATE") << cls;
  }
}

TEST(TokenizerJson, Row49AStrideNotBelowTheLengthIsRefused) {
  JsonModel model;
  model.truncation = R"({"direction":"Right","max_length":8,"strategy":"LongestFirst","stride":8})";
  EXPECT_EQ(refused(model).code, "TOK_TRUNC");
}

TEST(TokenizerJson, TheFilesTruncationIsNotFollowedUnasked) {
  JsonModel model;
  model.truncation = R"({"direction":"Right","max_length":2,"strategy":"LongestFirst","stride":0})";
  EXPECT_EQ(model.load().encode("a a a a").size(), 4U);
}

TEST(TokenizerJson, AMissingMemberIsNamed) {
  JsonModel model;
  model.added_tokens = R"([{"id":7,"content":"x"}])";
  const ErrorInfo error = refused(model);
  EXPECT_EQ(error.code, "TOK_FIELD");
  EXPECT_EQ(error.field, "/added_tokens/0");
  EXPECT_EQ(error_of([] { (void)read_tokenizer_json("[]", "tokenizer.json"); }).code, "TOK_FIELD");
}

}  // namespace
}  // namespace attnscope
