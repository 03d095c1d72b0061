// SPDX-License-Identifier: Apache-2.0
//
// What a run gives for what was asked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Captures run_one(const Model& model, const Request& request, std::int64_t length = 9) {
  return ModelRun(model)({random_text(length, 3)}, request);
}

Request weights_of(const std::vector<std::int64_t>& layers, const std::vector<std::int64_t>& heads) {
  Request request = Request::attentions();
  request.layers = layers;
  request.heads = heads;
  return request;
}

// All tensors whose names hold one of `parts`.
void fill_with_nan(WeightMap& weights, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    bool found = false;
    for (auto& [name, tensor] : weights) {
      if (name.find(part) == std::string::npos) continue;
      tensor.mutable_view().fill(std::numeric_limits<float>::quiet_NaN());
      found = true;
    }
    EXPECT_TRUE(found) << "no tensor is named " << part;
  }
}

TEST(Request, GivesWeightsOfEveryLayerAndHeadWhoseRowsSumToOne) {
  const Captures captures = run_one(load_model(TinySpec{}), Request::attentions());
  EXPECT_THAT(captures.layers, ElementsAre(0, 1, 2));
  EXPECT_THAT(captures.heads, ElementsAre(0, 1, 2, 3));
  const Tensor& weights = captures.texts.at(0).attentions;
  ASSERT_EQ(to_string(weights.shape()), "[3, 4, 9, 9]");
  for (std::int64_t row = 0; row < weights.count() / 9; ++row) {
    double sum = 0;
    for (std::int64_t key = 0; key < 9; ++key) sum += static_cast<double>(weights.f32()[row * 9 + key]);
    EXPECT_NEAR(sum, 1.0, 1e-6);
  }
}

// Weights go to the caller's memory in the order layer, text, head; the numbers are those of Captures.
void expect_same_in_callers_memory(Request request) {
  const Model model = load_model(TinySpec{});
  const std::vector<Sequence> texts{random_text(9, 3), random_text(9, 4)};
  const Captures expected = ModelRun(model)(texts, request);
  const std::int64_t layers = expected.texts.at(0).attentions.size(0);
  const std::int64_t heads = expected.texts.at(0).attentions.count() / layers / 81;
  std::vector<float> memory(static_cast<std::size_t>(layers * 2 * heads * 81));
  request.weights_memory = [&](std::int64_t layer, std::int64_t text, std::int64_t head) {
    return memory.data() + ((layer * 2 + text) * heads + head) * 81;
  };
  const Captures captures = ModelRun(model)(texts, request);
  for (std::int64_t layer = 0; layer < layers; ++layer)
    for (std::int64_t text = 0; text < 2; ++text) {
      const float* found = memory.data() + (layer * 2 + text) * heads * 81;
      const float* wanted =
          expected.texts.at(static_cast<std::size_t>(text)).attentions.f32() + layer * heads * 81;
      EXPECT_TRUE(std::equal(found, found + heads * 81, wanted)) << "layer " << layer << " text " << text;
    }
  EXPECT_TRUE(captures.texts.at(0).attentions.empty());
}

TEST(Request, WritesWeightsToTheCallersMemory) {
  expect_same_in_callers_memory(Request::attentions());
  expect_same_in_callers_memory(weights_of({2, 0}, {3, 1}));
  Request reduced = weights_of({1}, {0, 2});
  for (const Reduce reduce : {Reduce::mean, Reduce::max}) {
    reduced.reduce = reduce;
    expect_same_in_callers_memory(reduced);
  }
}

TEST(Request, GivesNothingThatWasNotAskedFor) {
  const TextCapture capture = run_one(load_model(TinySpec{}), Request::attentions()).texts.at(0);
  EXPECT_TRUE(capture.hidden_states.empty());
  EXPECT_TRUE(capture.last_hidden_state.empty());
  EXPECT_TRUE(capture.logits.empty());
  EXPECT_TRUE(run_one(load_model(TinySpec{}), Request::outputs()).texts.at(0).attentions.empty());
}

TEST(Request, KeepsTheOrderOfLayersAndHeads) {
  const Model model = load_model(TinySpec{});
  const Tensor all = run_one(model, Request::attentions()).texts.at(0).attentions;
  const Captures captures = run_one(model, weights_of({2, 0}, {3, 1, 0}));
  EXPECT_THAT(captures.layers, ElementsAre(2, 0));
  EXPECT_THAT(captures.heads, ElementsAre(3, 1, 0));
  const Tensor& chosen = captures.texts.at(0).attentions;
  ASSERT_EQ(to_string(chosen.shape()), "[2, 3, 9, 9]");
  for (std::int64_t i = 0; i < 2; ++i)
    for (std::int64_t j = 0; j < 3; ++j)
      EXPECT_TRUE(same_bits(chosen.view().select(0, i).select(0, j),
                            all.view()
                                .select(0, captures.layers[static_cast<std::size_t>(i)])
                                .select(0, captures.heads[static_cast<std::size_t>(j)])));
}

TEST(Request, ReducesToTheMeanAndMaximumOfTheChosenHeads) {
  const Model model = load_model(TinySpec{});
  for (const std::vector<std::int64_t>& heads : {std::vector<std::int64_t>{0, 1, 2, 3}, {3, 0, 2}, {1}}) {
    Request request = weights_of({1, 2}, heads);
    const Tensor whole = run_one(model, request).texts.at(0).attentions;
    request.reduce = Reduce::mean;
    EXPECT_TRUE(same_bits(run_one(model, request).texts.at(0).attentions, head_mean(whole.view())));
    request.reduce = Reduce::max;
    EXPECT_TRUE(same_bits(run_one(model, request).texts.at(0).attentions, head_max(whole.view())));
  }
}

// Modules that a request calls after the embeddings, layer 0 left out. The hooks that tell are added when the
// plan stands, so that they do not change it.
std::vector<std::string> modules_called(const Model& model, const Request& request) {
  std::vector<std::string> paths;
  ModelRun run(model);
  HookHandle late;
  const HookHandle first = run.register_forward_hook("embeddings", [&](HookEvent&) {
    late = run.register_forward_pre_hook("**", [&](HookEvent& event) {
      if (event.path().find("layer.0") == std::string::npos) paths.push_back(event.path());
    });
  });
  run({random_text(9, 3)}, request);
  return paths;
}

TEST(Request, ForALayerCallsNoModuleThatItsWeightsDoNotNeed) {
  const Model model = load_model(TinySpec{});
  const std::string attention = "transformer.layer.1.attention";
  const std::vector<std::string> needed{"transformer",        "transformer.layer.1", attention,
                                        attention + ".q_lin", attention + ".k_lin",  attention + ".attn"};
  EXPECT_EQ(modules_called(model, weights_of({1}, {0, 2})), needed);
  EXPECT_EQ(modules_called(model, weights_of({0, 1}, {0})), needed);
  EXPECT_THAT(modules_called(model, Request{}), ElementsAre("transformer"));
}

TEST(Request, ForALayerOfBertCallsNoModuleThatItsWeightsDoNotNeed) {
  const std::string attention = "bert.encoder.layer.1.attention";
  EXPECT_THAT(modules_called(load_model({.model_type = "bert", .task = Task::sequence_classification}),
                             weights_of({1}, {0})),
              ElementsAre("bert.encoder", "bert.encoder.layer.1", attention, attention + ".self",
                          attention + ".self.query", attention + ".self.key", attention + ".self.attn"));
}

TEST(Request, ForALayerComputesNothingAfterItsWeights) {
  const TinySpec spec{.task = Task::sequence_classification};
  WeightMap weights = random_weights(spec);
  const Tensor expected = run_one(load_model(spec, weights), weights_of({1}, {0, 2})).texts.at(0).attentions;
  fill_with_nan(weights, {"layer.2.", "classifier", "layer.1.attention.v_lin", "layer.1.attention.out_lin",
                          "layer.1.sa_layer_norm", "layer.1.ffn", "layer.1.output_layer_norm"});
  EXPECT_TRUE(same_bits(run_one(load_model(spec, weights), weights_of({1}, {0, 2})).texts.at(0).attentions,
                        expected));
}

TEST(Request, ForAReducedLayerComputesNothingAfterItsWeights) {
  const TinySpec spec;
  Request request = weights_of({1}, {0, 1});
  request.reduce = Reduce::max;
  WeightMap weights = random_weights(spec);
  const Tensor expected = run_one(load_model(spec, weights), request).texts.at(0).attentions;
  fill_with_nan(weights, {"layer.2.", "layer.1.attention.v_lin", "layer.1.ffn"});
  EXPECT_TRUE(same_bits(run_one(load_model(spec, weights), request).texts.at(0).attentions, expected));
}

TEST(Request, ForWeightsOfBertComputesNothingAfterThem) {
  const TinySpec spec{.model_type = "bert"};
  WeightMap weights = random_weights(spec);
  const Tensor expected = run_one(load_model(spec, weights), weights_of({0}, {1})).texts.at(0).attentions;
  fill_with_nan(weights,
                {"layer.1.", "layer.2.", "pooler", "self.value", "attention.output", "intermediate"});
  EXPECT_TRUE(
      same_bits(run_one(load_model(spec, weights), weights_of({0}, {1})).texts.at(0).attentions, expected));
}

TEST(Request, ForNoLayersGivesAnEmptyTensor) {
  const Captures captures = run_one(load_model(TinySpec{}), weights_of({}, {0}));
  EXPECT_EQ(to_string(captures.texts.at(0).attentions.shape()), "[0, 1, 9, 9]");
}

TEST(Request, GivesHiddenStatesFromTheEmbeddingsToTheLastLayer) {
  const Model model = load_model(TinySpec{});
  std::vector<Tensor> hooked;
  ModelRun run(model);
  for (const char* path : {"embeddings", "transformer.layer.0", "transformer.layer.1", "transformer.layer.2"})
    run.register_forward_hook(path,
                              [&](HookEvent& event) { hooked.push_back(event.output(0).text(0).own()); })
        .detach();
  Request request;
  request.hidden_states = true;
  request.last_hidden_state = true;
  const TextCapture capture = run({random_text(9, 3)}, request).texts.at(0);
  EXPECT_TRUE(same_bits(capture.hidden_states, stack(hooked)));
  EXPECT_TRUE(same_bits(capture.last_hidden_state, hooked.back()));
}

TEST(Request, OfNoTextsGivesNoTexts) {
  ModelRun run(load_model(TinySpec{}));
  const Captures captures = run(std::vector<Sequence>{}, everything());
  EXPECT_THAT(captures.texts, IsEmpty());
  EXPECT_THAT(captures.layers, ElementsAre(0, 1, 2));
}

TEST(Request, IsCheckedEvenWhenThereAreNoTexts) {
  ModelRun run(load_model(TinySpec{}));
  expect_error("RANGE", [&] { run(std::vector<Sequence>{}, weights_of({3}, {})); });
}

}  // namespace
}  // namespace attnscope
