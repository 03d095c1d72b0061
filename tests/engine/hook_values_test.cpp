// SPDX-License-Identifier: Apache-2.0
//
// What a hook sees.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::ElementsAre;

constexpr const char* kAttn = "transformer.layer.1.attention.attn";

std::string shape_of(const Activation& activation) {
  const TensorView view = activation.view();
  return std::string(name(view.dtype())) + " " + to_string(view.shape());
}

/// Shapes that a hook sees: those of the inputs, "->", those of the outputs.
std::vector<std::string> shapes(const Model& model, const std::string& path,
                                const std::vector<Sequence>& texts) {
  std::vector<std::string> seen;
  ModelRun run(model);
  const HookHandle handle = run.register_forward_hook(path, [&](HookEvent& event) {
    for (std::size_t i = 0; i < event.num_inputs(); ++i) seen.push_back(shape_of(event.input(i)));
    seen.emplace_back("->");
    for (std::size_t i = 0; i < event.num_outputs(); ++i) seen.push_back(shape_of(event.output(i)));
  });
  run(texts);
  return seen;
}

TEST(HookValues, HaveHuggingFacesShapesWithTheBatchInFront) {
  const Model model = load_model({.task = Task::token_classification});
  const auto texts = random_texts({5});
  EXPECT_THAT(shapes(model, kAttn, texts),
              ElementsAre("F32 [1, 5, 4, 8]", "F32 [1, 5, 4, 8]", "F32 [1, 5, 4, 8]", "->",
                          "F32 [1, 4, 5, 5]", "F32 [1, 5, 4, 8]"));
  EXPECT_THAT(shapes(model, "transformer.layer.1.attention", texts),
              ElementsAre("F32 [1, 5, 32]", "->", "F32 [1, 5, 32]", "F32 [1, 4, 5, 5]"));
  EXPECT_THAT(shapes(model, "embeddings.word_embeddings", texts),
              ElementsAre("I64 [1, 5]", "->", "F32 [1, 5, 32]"));
  EXPECT_THAT(shapes(model, "transformer.layer.0.ffn.lin1", texts),
              ElementsAre("F32 [1, 5, 32]", "->", "F32 [1, 5, 48]"));
  EXPECT_THAT(shapes(model, "", texts), ElementsAre("I64 [1, 5]", "->", "F32 [1, 5, 3]"));
}

TEST(HookValues, OfBertAreThoseOfItsModules) {
  const Model model = load_model({.model_type = "bert"});
  const auto texts = random_texts({5});
  EXPECT_THAT(shapes(model, "encoder.layer.0.attention.self", texts),
              ElementsAre("F32 [1, 5, 32]", "->", "F32 [1, 5, 32]", "F32 [1, 4, 5, 5]"));
  EXPECT_THAT(shapes(model, "encoder.layer.0.attention.output", texts),
              ElementsAre("F32 [1, 5, 32]", "F32 [1, 5, 32]", "->", "F32 [1, 5, 32]"));
  EXPECT_THAT(shapes(model, "pooler", texts), ElementsAre("F32 [1, 5, 32]", "->", "F32 [1, 32]"));
  EXPECT_THAT(shapes(model, "", texts), ElementsAre("I64 [1, 5]", "->", "F32 [1, 5, 32]", "F32 [1, 32]"));
}

TEST(HookValues, OfAnswersAreStartAndEndLogits) {
  EXPECT_THAT(shapes(load_model({.task = Task::question_answering}), "", random_texts({5, 5})),
              ElementsAre("I64 [2, 5]", "->", "F32 [2, 5]", "F32 [2, 5]"));
}

TEST(HookValues, OfTextsOfOneLengthAreOneTensor) {
  ModelRun run(load_model(TinySpec{}));
  Tensor batch;
  const HookHandle handle =
      run.register_forward_hook(kAttn, [&](HookEvent& event) { batch = event.output(0).own(); });
  const Captures captures = run(random_texts({6, 6, 6}), Request::attentions());
  ASSERT_EQ(to_string(batch.shape()), "[3, 4, 6, 6]");
  for (std::int64_t i = 0; i < 3; ++i)
    EXPECT_TRUE(same_bits(batch.view().select(0, i),
                          captures.texts[static_cast<std::size_t>(i)].attentions.view().select(0, 1)));
}

TEST(HookValues, OfTextsOfManyLengthsComeOneByOne) {
  ModelRun run(load_model(TinySpec{}));
  std::vector<Tensor> weights;
  std::vector<std::int64_t> lengths;
  const HookHandle handle = run.register_forward_hook(kAttn, [&](HookEvent& event) {
    EXPECT_EQ(event.num_texts(), 3);
    EXPECT_EQ(event.output(0).num_texts(), 3);
    expect_error("HOOK_RAGGED", [&] { static_cast<void>(event.output(0).view()); });
    expect_error("HOOK_RAGGED", [&] { static_cast<void>(event.input(0).own()); });
    for (std::int64_t i = 0; i < event.num_texts(); ++i) {
      weights.push_back(event.output(0).text(i).own());
      lengths.push_back(event.seq_len(i));
    }
  });
  const Captures captures = run(random_texts({6, 1, 9}), Request::attentions());
  EXPECT_THAT(lengths, ElementsAre(6, 1, 9));
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_TRUE(same_bits(weights[i].view(), captures.texts[i].attentions.view().select(0, 1)));
}

TEST(HookValues, OfOneRowATextAreOneTensorWhateverTheLengths) {
  EXPECT_THAT(
      shapes(load_model({.task = Task::sequence_classification}), "classifier", random_texts({6, 1, 9})),
      ElementsAre("F32 [3, 32]", "->", "F32 [3, 3]"));
}

TEST(HookValues, OfTheEncodersInputAreStillRightAfterAllLayers) {
  for (const char* model_type : {"distilbert", "bert"}) {
    const bool is_bert = std::string(model_type) == "bert";
    ModelRun run(load_model({.model_type = model_type, .layers = 6}));
    Tensor embedded;
    Tensor input;
    const HookHandle first =
        run.register_forward_hook("embeddings", [&](HookEvent& event) { embedded = event.output(0).own(); });
    const HookHandle last = run.register_forward_hook(
        is_bert ? "encoder" : "transformer", [&](HookEvent& event) { input = event.input(0).own(); });
    run(random_texts({100}));
    EXPECT_TRUE(same_bits(input, embedded));
  }
}

TEST(HookValues, OfIdsThatAPreHookChangedAreStillRightAfterAllLayers) {
  for (const char* path : {"", "distilbert"}) {
    ModelRun run(load_model({.task = Task::masked_lm, .layers = 6}));
    const Sequence text = random_text(100, 3);
    Tensor seen;
    const HookHandle before = run.register_forward_pre_hook(
        path, [&](HookEvent& event) { std::fill_n(event.edit_input(0).i64(), 100, std::int64_t{7}); });
    const HookHandle after =
        run.register_forward_hook(path, [&](HookEvent& event) { seen = event.input(0).own(); });
    for (int i = 0; i < 3; ++i) {
      run({text});
      EXPECT_TRUE(same_bits(seen, Tensor::of({1, 100}, std::vector<std::int64_t>(100, 7))));
    }
  }
}

// The dimensions that run over tokens, of the inputs and then of the outputs.
std::vector<std::vector<int>> token_dims(const Model& model, const std::string& path) {
  std::vector<std::vector<int>> seen;
  ModelRun run(model);
  const HookHandle handle = run.register_forward_hook(path, [&](HookEvent& event) {
    for (std::size_t i = 0; i < event.num_inputs(); ++i) seen.push_back(event.input(i).token_dims());
    for (std::size_t i = 0; i < event.num_outputs(); ++i) seen.push_back(event.output(i).token_dims());
  });
  run(random_texts({5, 3}));
  return seen;
}

TEST(HookValues, SayWhichDimensionsRunOverTokens) {
  using Dims = std::vector<int>;
  const Model model = load_model({.model_type = "bert"});
  EXPECT_THAT(token_dims(model, "encoder.layer.0.attention.self.attn"),
              ElementsAre(Dims{0}, Dims{0}, Dims{0}, Dims{1, 2}, Dims{0}));
  EXPECT_THAT(token_dims(model, "embeddings.word_embeddings"), ElementsAre(Dims{0}, Dims{0}));
  EXPECT_THAT(token_dims(model, "pooler.dense"), ElementsAre(Dims{}, Dims{}));
}

TEST(HookValues, StayAsTheyWereWhenOwned) {
  ModelRun run(load_model(TinySpec{}));
  std::vector<Tensor> kept;
  const HookHandle handle =
      run.register_forward_hook(kAttn, [&](HookEvent& event) { kept.push_back(event.output(0).own()); });
  run({random_text(8, 1)});
  const Tensor copy = kept[0].view().own();
  run({random_text(8, 2)});
  EXPECT_TRUE(same_bits(kept[0], copy));
  EXPECT_FALSE(same_bits(kept[0], kept[1]));
}

TEST(HookValues, NameTheModule) {
  ModelRun run(load_model({.task = Task::masked_lm}));
  const HookHandle handle = run.register_forward_pre_hook(kAttn, [&](HookEvent& event) {
    EXPECT_EQ(event.path(), "distilbert.transformer.layer.1.attention.attn");
    EXPECT_EQ(event.type(), "Attention");
    EXPECT_EQ(event.num_inputs(), 3U);
    EXPECT_EQ(event.num_outputs(), 0U);
  });
  run({random_text(8, 1)});
}

}  // namespace
}  // namespace attnscope
