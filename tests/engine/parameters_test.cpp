// SPDX-License-Identifier: Apache-2.0
//
// ParameterInfo: the weights of a loaded model.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

const ParameterInfo& parameter(const Model& model, const std::string& path, const std::string& name) {
  for (const ParameterInfo& info : model.module(path).parameters)
    if (info.name == name) return info;
  throw std::runtime_error("no parameter " + path + "." + name);
}

class ParametersOf : public testing::TestWithParam<const char*> {};

TEST_P(ParametersOf, AModelHaveTheValuesOfTheCheckpoint) {
  for (const Task task : {Task::none, Task::masked_lm, Task::sequence_classification,
                          Task::token_classification, Task::question_answering}) {
    const TinySpec spec{.model_type = GetParam(), .task = task, .tied_decoder = false};
    const WeightMap weights = random_weights(spec);
    const Model model = load_model(spec, weights);
    std::size_t found = 0;
    for (const ModuleInfo& module : model.modules())
      for (const ParameterInfo& info : module.parameters) {
        const std::string name = module.path + "." + info.name;
        EXPECT_EQ(to_string(info.shape), to_string(info.value().shape())) << name;
        if (!weights.contains(name)) {
          EXPECT_EQ(name, "cls.predictions.decoder.bias") << "which is that of cls.predictions";
          continue;
        }
        EXPECT_TRUE(same_bits(info.value(), weights.at(name))) << name;
        ++found;
      }
    EXPECT_EQ(found, weights.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ParametersOf, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST(Parameters, ThatAreTiedAreOneMemory) {
  const Model bert = load_model({.model_type = "bert", .task = Task::masked_lm});
  EXPECT_EQ(parameter(bert, "cls.predictions.decoder", "weight").value().f32(),
            parameter(bert, "bert.embeddings.word_embeddings", "weight").value().f32());
  EXPECT_EQ(parameter(bert, "cls.predictions.decoder", "bias").value().f32(),
            parameter(bert, "cls.predictions", "bias").value().f32());
  const Model distilbert = load_model({.task = Task::masked_lm});
  EXPECT_EQ(parameter(distilbert, "vocab_projector", "weight").value().f32(),
            parameter(distilbert, "distilbert.embeddings.word_embeddings", "weight").value().f32());
}

TEST(Parameters, CannotBeWrittenTo) {
  const Model model = load_model(TinySpec{});
  for (const ModuleInfo& module : model.modules())
    for (const ParameterInfo& info : module.parameters) {
      Tensor value = info.value();
      EXPECT_THROW(static_cast<void>(value.mutable_view()), InvalidArgument);
    }
}

TEST(Parameters, OutliveTheModel) {
  const TinySpec spec;
  const WeightMap weights = random_weights(spec);
  Tensor value;
  {
    const Model model = load_model(spec, weights);
    value = parameter(model, "transformer.layer.1.ffn.lin1", "weight").value();
  }
  EXPECT_TRUE(same_bits(value, weights.at("transformer.layer.1.ffn.lin1.weight")));
}

TEST(Parameters, ThatAreTiedAreOneMemoryAfterRunsToo) {
  const Model bert = load_model({.model_type = "bert", .task = Task::masked_lm});
  ModelRun run(bert);
  for (int call = 0; call < 3; ++call) run({random_text(9, 1)});
  EXPECT_EQ(parameter(bert, "cls.predictions.decoder", "weight").value().f32(),
            parameter(bert, "bert.embeddings.word_embeddings", "weight").value().f32());
}

void expect_values(const Model& model, const WeightMap& weights) {
  for (const ModuleInfo& module : model.modules())
    for (const ParameterInfo& info : module.parameters)
      ASSERT_TRUE(same_bits(info.value(), weights.at(module.path + "." + info.name))) << module.path;
}

class ParametersIn : public testing::TestWithParam<Precision> {};
INSTANTIATE_TEST_SUITE_P(Precisions, ParametersIn, testing::Values(Precision::fp32, Precision::bf16),
                         [](const auto& param_info) { return name(param_info.param); });

// Readers come before, while and after other threads pack the weights for their runs.
TEST_P(ParametersIn, AModelThatRunsKeepTheirBits) {
  const TinySpec spec{.width = 64, .hidden = 100};
  const WeightMap weights = random_weights(spec);
  Request one_head = Request::attentions();
  one_head.layers = {{1}};
  one_head.heads = {{2}};
  for (int repeat = 0; repeat < 5; ++repeat) {
    const Model model = load_model(spec, weights, {.precision = GetParam()});
    std::atomic<int> running = 2;
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&] {
        ModelRun run(model);
        for (int call = 0; call < 4; ++call) {
          run({random_text(20, 1)}, everything());
          run({random_text(20, 1)}, one_head);
        }
        --running;
      });
    for (int i = 0; i < 2; ++i)
      threads.emplace_back([&] {
        while (running > 0) expect_values(model, weights);
      });
    for (std::thread& thread : threads) thread.join();
    expect_values(model, weights);
  }
}

TEST_P(ParametersIn, AModelThatHasRunOutliveIt) {
  const TinySpec spec;
  const WeightMap weights = random_weights(spec);
  ModuleInfo module;
  {
    const Model model = load_model(spec, weights, {.precision = GetParam()});
    ModelRun run(model);
    for (int call = 0; call < 3; ++call) run({random_text(9, 1)});
    module = model.module("transformer.layer.1.ffn.lin1");
  }
  EXPECT_TRUE(same_bits(module.parameters.at(0).value(), weights.at(module.path + ".weight")));
}

}  // namespace
}  // namespace attnscope
