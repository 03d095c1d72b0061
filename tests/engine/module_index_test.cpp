// SPDX-License-Identifier: Apache-2.0
#include "engine/module_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attnscope/error.h"
#include "support/indexed_network.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

const TinySpec kTask{.task = Task::token_classification, .layers = 2};
const TinySpec kBert{.model_type = "bert", .layers = 2};

TEST(ModuleIndex, FindsModulesOfATaskModelWithAndWithoutItsPrefix) {
  const IndexedNetwork model(kTask);
  const std::size_t id = model.index.find("distilbert.transformer.layer.1.attention");
  EXPECT_EQ(model.path(id), "distilbert.transformer.layer.1.attention");
  EXPECT_EQ(model.index.find("transformer.layer.1.attention"), id);
  EXPECT_EQ(model.path(model.index.find("classifier")), "classifier");
}

TEST(ModuleIndex, CallsTheModelItselfByTheEmptyPath) {
  const IndexedNetwork model(kTask);
  EXPECT_EQ(model.index.find(""), 0U);
  EXPECT_EQ(model.index.infos().front().type, "DistilBertForTokenClassification");
}

TEST(ModuleIndex, NumbersModulesInTheirOrder) {
  const IndexedNetwork model(kBert);
  for (std::size_t id = 0; id < model.index.size(); ++id) EXPECT_EQ(model.index.find(model.path(id)), id);
  EXPECT_EQ(model.network.root->children().front()->id(), model.index.find("embeddings"));
}

TEST(ModuleIndex, LetsAStarStandForAPartOfOneName) {
  const IndexedNetwork model(kTask);
  EXPECT_THAT(model.matches("transformer.layer.*.attention.attn"),
              ElementsAre("distilbert.transformer.layer.0.attention.attn",
                          "distilbert.transformer.layer.1.attention.attn"));
  EXPECT_THAT(model.matches("distilbert.transformer.layer.0.attention.*_lin"), SizeIs(4));
  EXPECT_THAT(model.matches("transformer.layer.*"), SizeIs(2)) << "a star does not cross dots";
}

TEST(ModuleIndex, LetsTwoStarsCrossDots) {
  const IndexedNetwork model(kTask);
  EXPECT_THAT(model.matches("**.attn"), SizeIs(2));
  EXPECT_THAT(model.matches("distilbert.**.lin1"), SizeIs(2));
  EXPECT_THAT(model.matches("**"), SizeIs(model.index.size()));
}

TEST(ModuleIndex, MatchesAModuleOnceAlthoughItHasTwoNames) {
  const IndexedNetwork model(kTask);
  EXPECT_THAT(model.matches("*transformer"), ElementsAre("distilbert.transformer"));
}

TEST(ModuleIndex, AnswersALongPatternOfStarsAtOnce) {
  const IndexedNetwork model(kTask);
  EXPECT_THROW(static_cast<void>(model.index.match(std::string(40, '*') + "x")), HookError);
}

TEST(ModuleIndex, Row67_NamesTheThreeNearestPathsForAWrongOne) {
  const IndexedNetwork model({.layers = 6});
  const ErrorInfo info = expect_error(
      "HOOK_PATH", [&] { static_cast<void>(model.index.find("encoder.layer.3.attention.attn")); });
  EXPECT_EQ(info.kind, ErrorKind::usage);
  EXPECT_EQ(info.field, "encoder.layer.3.attention.attn");
  EXPECT_THAT(to_string(info),
              AllOf(HasSubstr("no module 'encoder.layer.3.attention.attn'"), HasSubstr("layers 0 to 5"),
                    HasSubstr("'transformer.layer.3.attention.attn', 'transformer.layer."),
                    HasSubstr("attnscope inspect")));
  std::size_t quoted = 0;
  for (std::size_t at = info.hint.find("transformer."); at != std::string::npos;
       at = info.hint.find("transformer.", at + 1))
    ++quoted;
  EXPECT_EQ(quoted, 3U);
}

TEST(ModuleIndex, NamesNearPathsInTheFormThatWasAskedFor) {
  const IndexedNetwork model(kTask);
  const auto hint = [&](const char* path) {
    return expect_error("HOOK_PATH", [&] { static_cast<void>(model.index.find(path)); }).hint;
  };
  EXPECT_THAT(hint("transformer.layer.2.attention.attn"), HasSubstr("'transformer.layer.0.attention.attn'"));
  EXPECT_THAT(hint("distilbert.transformer.layer.2.attention.attn"),
              HasSubstr("'distilbert.transformer.layer.0.attention.attn'"));
}

TEST(ModuleIndex, Row67_NamesTheSameLeafUnderTheParentThatTheModelHas) {
  const IndexedNetwork model({.model_type = "bert", .layers = 2});
  const ErrorInfo info = expect_error(
      "HOOK_PATH", [&] { static_cast<void>(model.index.find("transformer.layer.1.attention.attn")); });
  EXPECT_THAT(info.hint, HasSubstr("did you mean 'encoder.layer.1.attention.self.attn', '"));
}

TEST(ModuleIndex, RefusesAPatternThatMatchesNothing) {
  const IndexedNetwork model(kTask);
  expect_error("HOOK_PATH", [&] { static_cast<void>(model.index.match("encoder.**")); });
}

TEST(ModuleIndex, SaysWhyDropoutCannotBeHooked) {
  const IndexedNetwork model(kTask);
  for (const char* path :
       {"dropout", "transformer.layer.0.attention.dropout", "distilbert.transformer.layer.1.ffn.dropout",
        "transformer.layer.*.attention.dropout"}) {
    SCOPED_TRACE(path);
    const ErrorInfo info = expect_error("HOOK_DROPOUT", [&] { static_cast<void>(model.index.match(path)); });
    EXPECT_THAT(info.what, HasSubstr("never called"));
    EXPECT_EQ(info.kind, ErrorKind::usage);
  }
  expect_error("HOOK_PATH", [&] { static_cast<void>(model.index.match("no.such.dropout")); });
}

TEST(ModuleIndex, KnowsHowFarAForwardMustRunForAModule) {
  const IndexedNetwork model(kTask);
  EXPECT_EQ(model.reach("embeddings"), ModuleIndex::kEmbeddings);
  EXPECT_EQ(model.reach("embeddings.LayerNorm"), ModuleIndex::kEmbeddings);
  EXPECT_EQ(model.reach("transformer.layer.0"), 0);
  EXPECT_EQ(model.reach("transformer.layer.1.attention.attn"), 1);
  for (const char* whole : {"", "distilbert", "transformer", "transformer.layer", "classifier"})
    EXPECT_EQ(model.reach(whole), ModuleIndex::kEverything) << whole;
}

TEST(ModuleIndex, KnowsThatAPoolerComesAfterTheLayers) {
  const IndexedNetwork model(kBert);
  EXPECT_EQ(model.reach("pooler.dense"), ModuleIndex::kEverything);
  EXPECT_EQ(model.reach("encoder.layer.1.output.dense"), 1);
}

TEST(ModuleIndex, IsNotMisledByAHeadModuleThatIsNamedBeforeTheEncoder) {
  const IndexedNetwork model({.task = Task::masked_lm, .layers = 2});
  EXPECT_LT(model.index.find("activation"), model.index.find("distilbert"));
  EXPECT_EQ(model.reach("activation"), ModuleIndex::kEverything);
}

}  // namespace
}  // namespace attnscope
