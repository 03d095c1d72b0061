// SPDX-License-Identifier: Apache-2.0
//
// Texts and ids that a run takes, and those that it refuses.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

const Model& bert() {
  static const Model model = load_model({.model_type = "bert"});
  return model;
}

ErrorInfo refused(const std::string& code, const std::vector<Sequence>& texts,
                  const Request& request = everything()) {
  return expect_error(code, [&] {
    ModelRun run(bert());
    run(texts, request);
  });
}

TEST(Input, OfATextWithoutTokensGivesEmptyTensors) {
  const Model model = load_model(TinySpec{});
  const TextCapture capture = ModelRun(model)({Sequence{}}, everything()).texts.at(0);
  EXPECT_EQ(to_string(capture.attentions.shape()), "[3, 4, 0, 0]");
  EXPECT_EQ(to_string(capture.hidden_states.shape()), "[4, 0, 32]");
  EXPECT_EQ(to_string(capture.last_hidden_state.shape()), "[0, 32]");
}

TEST(Input, OfAnEmptyTextAmongOthersLeavesTheOthersAsTheyAre) {
  const Model model = load_model(TinySpec{});
  const Captures batch = ModelRun(model)({random_text(5, 1), Sequence{}, random_text(3, 2)}, everything());
  EXPECT_TRUE(same_bits(batch.texts.at(0), ModelRun(model)({random_text(5, 1)}, everything()).texts.at(0)));
  EXPECT_TRUE(same_bits(batch.texts.at(2), ModelRun(model)({random_text(3, 2)}, everything()).texts.at(0)));
  EXPECT_EQ(to_string(batch.texts.at(1).attentions.shape()), "[3, 4, 0, 0]");
}

TEST(Input, OfAnEmptyTextIsRefusedByAHeadThatReadsItsFirstToken) {
  for (const char* model_type : {"distilbert", "bert"}) {
    const Model model = load_model({.model_type = model_type, .task = Task::sequence_classification});
    ModelRun run(model);
    const ErrorInfo info = expect_error("TEXT_EMPTY", [&] {
      run({random_text(4, 1), Sequence{}}, Request::outputs());
    });
    EXPECT_THAT(to_string(info), HasSubstr("text 1"));
    EXPECT_EQ(to_string(run({Sequence{}}, Request::attentions()).texts.at(0).attentions.shape()),
              "[3, 4, 0, 0]");
  }
}

TEST(Input, OfAnEmptyTextGivesATokenHeadNoLogits) {
  const Model model = load_model({.task = Task::question_answering});
  EXPECT_EQ(to_string(ModelRun(model)({Sequence{}}).texts.at(0).logits.shape()), "[0, 2]");
}

TEST(Input, OfMoreTokensThanPositionsIsRefusedWithCountAndLimit) {
  EXPECT_NO_THROW(static_cast<void>(ModelRun(bert())({random_text(512, 1)}, Request{})));
  const ErrorInfo info = refused("TEXT_TOO_LONG", {random_text(2, 1), random_text(513, 1)}, Request{});
  EXPECT_EQ(info.kind, ErrorKind::input);
  EXPECT_THAT(to_string(info), HasSubstr("513"));
  EXPECT_THAT(to_string(info), HasSubstr("512"));
  EXPECT_THAT(to_string(info), HasSubstr("text 1"));
}

TEST(Input, WithAnIdOutsideOfTheVocabularyIsRefused) {
  for (const std::int64_t id : {std::int64_t{64}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
    const ErrorInfo info = refused("ID_RANGE", {Sequence{{1, id}, {}, {}}});
    EXPECT_THAT(to_string(info), HasSubstr("0 to 63"));
    EXPECT_THAT(to_string(info), HasSubstr("text 0 token 1"));
    EXPECT_THAT(to_string(info), HasSubstr("word_embeddings"));
    EXPECT_EQ(info.kind, ErrorKind::usage);
  }
}

TEST(Input, WithATokenTypeOrPositionOutsideOfItsTableIsRefused) {
  EXPECT_THAT(to_string(refused("ID_RANGE", {Sequence{{1, 2}, {0, 2}, {}}})),
              HasSubstr("token_type_embeddings"));
  EXPECT_THAT(to_string(refused("ID_RANGE", {Sequence{{1, 2}, {}, {0, 512}}})),
              HasSubstr("position_embeddings"));
}

TEST(Input, WithATokenTypeForOnlySomeTokensIsRefused) {
  EXPECT_THAT(to_string(refused("SEQUENCE", {random_text(2, 1), Sequence{{1, 2, 3}, {0, 1}, {}}})),
              testing::AllOf(HasSubstr("text 1"), HasSubstr("token_type_ids has 2"), HasSubstr("has 3")));
  EXPECT_THAT(to_string(refused("SEQUENCE", {Sequence{{1, 2, 3}, {}, {0}}})),
              HasSubstr("position_ids has 1"));
}

TEST(Input, WithoutTypesAndPositionsMeansZerosAndCounting) {
  const TextCapture implied = ModelRun(bert())({Sequence{{5, 6, 7}, {}, {}}}, everything()).texts.at(0);
  EXPECT_TRUE(same_bits(
      implied, ModelRun(bert())({Sequence{{5, 6, 7}, {0, 0, 0}, {0, 1, 2}}}, everything()).texts.at(0)));
  EXPECT_FALSE(
      same_bits(implied, ModelRun(bert())({Sequence{{5, 6, 7}, {0, 1, 1}, {}}}, everything()).texts.at(0)));
  EXPECT_FALSE(
      same_bits(implied, ModelRun(bert())({Sequence{{5, 6, 7}, {}, {2, 1, 0}}}, everything()).texts.at(0)));
}

TEST(Input, ThatWasRefusedLeavesTheRunUsable) {
  ModelRun run(bert());
  const TextCapture before = run({random_text(6, 1)}, everything()).texts.at(0);
  expect_error("ID_RANGE", [&] { run({Sequence{{1, 99}, {}, {}}}, everything()); });
  expect_error("TEXT_TOO_LONG", [&] { run({random_text(600, 1)}, everything()); });
  EXPECT_TRUE(same_bits(run({random_text(6, 1)}, everything()).texts.at(0), before));
}

TEST(Input, AsTextIsTokenizedByTheModelsTokenizer) {
  const Encoding encoding = bert().tokenizer().encode("This is a simple example sentence.");
  ASSERT_EQ(encoding.size(), 9U);
  ModelRun run(bert());
  const TextCapture by_ids =
      run({Sequence{encoding.input_ids, encoding.token_type_ids, {}}}, everything()).texts.at(0);
  EXPECT_TRUE(same_bits(run("This is a simple example sentence.", everything()).texts.at(0), by_ids));
  EXPECT_TRUE(same_bits(bert().run({encoding}, everything()).texts.at(0), by_ids));
  EXPECT_EQ(to_string(by_ids.attentions.shape()), "[3, 4, 9, 9]");
}

}  // namespace
}  // namespace attnscope
