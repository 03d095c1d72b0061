// SPDX-License-Identifier: Apache-2.0
//
// The heads on top of the encoder, and checkpoints that lack something.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TextCapture run_on(const Model& model, std::int64_t length = 5) {
  return ModelRun(model)({random_text(length, 1)}, everything()).texts.at(0);
}

struct TaskCase {
  const char* model_type;
  Task task;
  const char* architecture;
  const char* logits;  // shape for a text of 5 tokens
};

class TaskHead : public testing::TestWithParam<TaskCase> {
 protected:
  TinySpec spec_{.model_type = GetParam().model_type, .task = GetParam().task};
};

TEST_P(TaskHead, IsBuiltFromTheArchitectureOfTheConfig) {
  const Model model = load_model(spec_);
  EXPECT_EQ(model.info().architecture, GetParam().architecture);
  EXPECT_EQ(model.info().task, GetParam().task);
  EXPECT_EQ(model.modules().front().type, GetParam().architecture);
  EXPECT_THAT(model.info().notices, IsEmpty());
}

TEST_P(TaskHead, GivesLogitsOfItsShape) {
  const TextCapture capture = run_on(load_model(spec_));
  EXPECT_EQ(to_string(capture.logits.shape()), GetParam().logits);
  EXPECT_EQ(to_string(capture.last_hidden_state.shape()), "[5, 32]");
}

TEST_P(TaskHead, CanBeLeftOut) {
  const Model model = load_model(spec_, random_weights(spec_), {.task = Task::none});
  EXPECT_EQ(model.info().task, Task::none);
  const TextCapture bare = run_on(model);
  EXPECT_TRUE(bare.logits.empty());
  EXPECT_TRUE(same_bits(bare.last_hidden_state, run_on(load_model(spec_)).last_hidden_state));
}

TEST_P(TaskHead, ReadsTheSameWeightsWithAndWithoutTheBaseModelsPrefix) {
  WeightMap bare;
  const std::string prefix = spec_.model_type + ".";
  for (const auto& [name, tensor] : random_weights(spec_))
    bare[name.starts_with(prefix) ? name.substr(prefix.size()) : name] = tensor;
  EXPECT_TRUE(same_bits(run_on(load_model(spec_, bare)), run_on(load_model(spec_))));
}

TEST_P(TaskHead, ThatLacksATensorIsRefusedWithItsName) {
  const WeightMap whole = random_weights(spec_);
  for (const auto& [name, tensor] : whole) {
    WeightMap lacking = whole;
    lacking.erase(name);
    const ErrorInfo info =
        expect_error("MODEL_TENSOR", [&] { static_cast<void>(load_model(spec_, lacking)); });
    const std::string prefix = spec_.model_type + ".";
    EXPECT_THAT(to_string(info), HasSubstr(name.starts_with(prefix) ? name.substr(prefix.size()) : name));
    EXPECT_EQ(info.kind, ErrorKind::input);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Families, TaskHead,
    testing::Values(
        TaskCase{"distilbert", Task::masked_lm, "DistilBertForMaskedLM", "[5, 64]"},
        TaskCase{"distilbert", Task::sequence_classification, "DistilBertForSequenceClassification", "[3]"},
        TaskCase{"distilbert", Task::token_classification, "DistilBertForTokenClassification", "[5, 3]"},
        TaskCase{"distilbert", Task::question_answering, "DistilBertForQuestionAnswering", "[5, 2]"},
        TaskCase{"bert", Task::masked_lm, "BertForMaskedLM", "[5, 64]"},
        TaskCase{"bert", Task::sequence_classification, "BertForSequenceClassification", "[3]"},
        TaskCase{"bert", Task::token_classification, "BertForTokenClassification", "[5, 3]"},
        TaskCase{"bert", Task::question_answering, "BertForQuestionAnswering", "[5, 2]"}),
    [](const auto& param_info) { return param_info.param.architecture; });

TEST(MaskedLm, WithoutADecoderOfItsOwnUsesTheWordEmbeddings) {
  for (const auto& [model_type, decoder] : {std::pair{"distilbert", "vocab_projector.weight"},
                                            std::pair{"bert", "cls.predictions.decoder.weight"}}) {
    const TinySpec spec{.model_type = model_type, .task = Task::masked_lm};
    WeightMap weights = random_weights(spec);
    const TextCapture tied = run_on(load_model(spec, weights));
    weights[decoder] =
        weights.at(std::string(model_type) + ".embeddings.word_embeddings.weight").view().own();
    EXPECT_TRUE(same_bits(run_on(load_model(spec, weights)), tied));
    weights[decoder].mutable_view().fill(0.0F);
    EXPECT_FALSE(same_bits(run_on(load_model(spec, weights)).logits, tied.logits))
        << "a stored weight counts";
  }
}

TEST(MaskedLm, OfBertTakesItsBiasFromEitherOfItsTwoNames) {
  const TinySpec spec{.model_type = "bert", .task = Task::masked_lm};
  WeightMap weights = random_weights(spec);
  const TextCapture expected = run_on(load_model(spec, weights));
  weights["cls.predictions.decoder.bias"] = weights.at("cls.predictions.bias");
  EXPECT_TRUE(same_bits(run_on(load_model(spec, weights)), expected));
  weights.erase("cls.predictions.bias");
  EXPECT_TRUE(same_bits(run_on(load_model(spec, weights)), expected));
}

TEST(BertPooler, IsLeftOutWhenTheFileHasNone) {
  const Model without = load_model({.model_type = "bert", .pooler = false});
  EXPECT_TRUE(run_on(without).pooler_output.empty());
  EXPECT_THROW(static_cast<void>(without.module("pooler")), HookError);
  const Model with = load_model({.model_type = "bert"});
  EXPECT_EQ(to_string(run_on(with).pooler_output.shape()), "[32]");
}

TEST(BertPooler, OfATaskModelIsCapturedToo) {
  const Model model = load_model({.model_type = "bert", .task = Task::sequence_classification});
  EXPECT_EQ(to_string(run_on(model).pooler_output.shape()), "[32]");
}

TEST(ModelInfo, SaysWhatTheConfigSays) {
  const Model model = load_model({.task = Task::token_classification});
  const ModelInfo& info = model.info();
  EXPECT_EQ(info.model_type, "distilbert");
  EXPECT_EQ(info.num_layers, 3);
  EXPECT_EQ(info.num_heads, 4);
  EXPECT_EQ(info.hidden_size, 32);
  EXPECT_EQ(info.vocab_size, 64);
  EXPECT_EQ(info.max_positions, 512);
  EXPECT_THAT(info.labels, ElementsAre("label 0", "label 1", "label 2"));
  EXPECT_THAT(load_model(TinySpec{}).info().labels, IsEmpty());
}

TEST(ModelInfo, CountsTheParametersThatTheModelUses) {
  for (const char* model_type : {"distilbert", "bert"}) {
    const TinySpec spec{.model_type = model_type, .task = Task::token_classification};
    std::int64_t count = 0;
    for (const auto& [name, tensor] : random_weights(spec)) count += tensor.count();
    EXPECT_EQ(load_model(spec).info().num_parameters, count);
  }
}

TEST(ModelInfo, TellsOfTensorsThatTheClassDoesNotUse) {
  const TinySpec spec;
  WeightMap weights = random_weights(spec);
  weights["some.other.weight"] = Tensor(Shape{2});
  EXPECT_THAT(load_model(spec, weights).info().notices, ElementsAre(HasSubstr("some.other.weight")));
}

TEST(ModelModules, FollowHuggingFacesOrderAndAddTheAttnLeaf) {
  const Model model = load_model({.layers = 1});
  std::vector<std::string> paths;
  for (const ModuleInfo& module : model.modules()) paths.push_back(module.path);
  EXPECT_THAT(paths,
              ElementsAre("", "embeddings", "embeddings.word_embeddings", "embeddings.position_embeddings",
                          "embeddings.LayerNorm", "transformer", "transformer.layer", "transformer.layer.0",
                          "transformer.layer.0.attention", "transformer.layer.0.attention.q_lin",
                          "transformer.layer.0.attention.k_lin", "transformer.layer.0.attention.v_lin",
                          "transformer.layer.0.attention.out_lin", "transformer.layer.0.attention.attn",
                          "transformer.layer.0.sa_layer_norm", "transformer.layer.0.ffn",
                          "transformer.layer.0.ffn.lin1", "transformer.layer.0.ffn.lin2",
                          "transformer.layer.0.ffn.activation", "transformer.layer.0.output_layer_norm"));
}

TEST(ModelModules, ListTheirParametersWithShapes) {
  const ModuleInfo module = load_model({.task = Task::masked_lm}).module("transformer.layer.1.ffn.lin1");
  ASSERT_EQ(module.parameters.size(), 2U);
  EXPECT_EQ(module.type, "Linear");
  EXPECT_EQ(module.parameters[0].name, "weight");
  EXPECT_EQ(to_string(module.parameters[0].shape), "[48, 32]");
  EXPECT_EQ(module.parameters[1].name, "bias");
}

TEST(Model, RefusesWeightsOfAnotherSizeThanTheConfigSays) {
  const TinySpec spec;
  TinySpec wider = spec;
  wider.hidden = 56;
  const ErrorInfo info =
      expect_error("CFG_MISMATCH", [&] { static_cast<void>(load_model(wider, random_weights(spec))); });
  EXPECT_THAT(to_string(info), AllOf(HasSubstr("lin1.weight"), HasSubstr("[48, 32]"), HasSubstr("[56, 32]")));
}

TEST(Model, RefusesHeadsThatDoNotDivideTheWidth) {
  for (const auto& [model_type, key] : {std::pair{"distilbert", "dim"}, std::pair{"bert", "hidden_size"}}) {
    TinySpec spec{.model_type = model_type};
    const WeightMap weights = random_weights(spec);
    spec.heads = 5;
    const ErrorInfo info = expect_error("CFG_RANGE", [&] { static_cast<void>(load_model(spec, weights)); });
    EXPECT_THAT(to_string(info), AllOf(HasSubstr(key), HasSubstr("32"), HasSubstr("5")));
  }
}

TEST(Model, WithoutTokenizerFilesTakesIdsAndRefusesText) {
  const TinySpec spec;
  const TemporaryDirectory directory;
  write_model(directory, spec, random_weights(spec));
  std::filesystem::remove(directory.path("vocab.txt"));
  const Model model = Model::load(directory.path(""));
  EXPECT_NO_THROW(static_cast<void>(run_on(model)));
  ModelRun run(model);
  EXPECT_THAT(to_string(expect_error("TOK_MISSING", [&] { run("a sentence"); })), HasSubstr("vocab.txt"));
}

}  // namespace
}  // namespace attnscope
