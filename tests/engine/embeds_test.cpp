// SPDX-License-Identifier: Apache-2.0
//
// Sequence::inputs_embeds: rows in place of the word embeddings.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A model, and texts by ids and by the rows of its word table.
struct Embedded {
  explicit Embedded(const TinySpec& spec, const std::vector<std::int64_t>& lengths = {7, 3})
      : weights(random_weights(spec)), model(load_model(spec, weights)), ids(random_texts(lengths)) {
    const std::string prefix = spec.task == Task::none ? "" : spec.model_type + ".";
    const Tensor& table = weights.at(prefix + "embeddings.word_embeddings.weight");
    for (const Sequence& text : ids) {
      Tensor rows({static_cast<std::int64_t>(text.input_ids.size()), spec.width});
      for (std::size_t i = 0; i < text.input_ids.size(); ++i)
        rows.mutable_view()
            .select(0, static_cast<std::int64_t>(i))
            .copy_from(table.view().select(0, text.input_ids[i]));
      embeds.push_back({.input_ids = {}, .inputs_embeds = rows});
    }
  }

  WeightMap weights;
  Model model;
  std::vector<Sequence> ids;
  std::vector<Sequence> embeds;
};

class EmbedsOf : public testing::TestWithParam<const char*> {};

TEST_P(EmbedsOf, TheWordTableGiveTheBitsOfTheIds) {
  for (const Task task : {Task::none, Task::masked_lm, Task::sequence_classification,
                          Task::token_classification, Task::question_answering}) {
    const Embedded texts({.model_type = GetParam(), .task = task});
    const Captures expected = ModelRun(texts.model)(texts.ids, everything());
    const Captures found = ModelRun(texts.model)(texts.embeds, everything());
    for (std::size_t i = 0; i < texts.ids.size(); ++i)
      EXPECT_TRUE(same_bits(found.texts.at(i), expected.texts.at(i)));
  }
}

TEST_P(EmbedsOf, ATextKeepItsPositionsAndTypes) {
  Embedded texts({.model_type = GetParam()}, {4});
  for (Sequence* text : {&texts.ids[0], &texts.embeds[0]}) {
    text->position_ids = {9, 8, 7, 6};
    text->token_type_ids = {0, 1, 1, 0};
  }
  const Captures expected = ModelRun(texts.model)(texts.ids, everything());
  EXPECT_TRUE(same_bits(ModelRun(texts.model)(texts.embeds, everything()).texts.at(0), expected.texts.at(0)));
}

TEST_P(EmbedsOf, ATextTakeThePlaceOfIdsThatAreGivenToo) {
  Embedded texts({.model_type = GetParam()}, {4});
  const Captures expected = ModelRun(texts.model)(texts.embeds, everything());
  texts.embeds[0].input_ids = {-1, 0, 99, 1};
  EXPECT_TRUE(same_bits(ModelRun(texts.model)(texts.embeds, everything()).texts.at(0), expected.texts.at(0)));
}

TEST_P(EmbedsOf, NoTokensAreAnEmptyText) {
  const Embedded texts({.model_type = GetParam(), .task = Task::token_classification}, {0, 3});
  const Captures found = ModelRun(texts.model)(texts.embeds, everything());
  EXPECT_EQ(to_string(found.texts.at(0).logits.shape()), "[0, 3]");
  EXPECT_EQ(to_string(found.texts.at(1).logits.shape()), "[3, 3]");
}

INSTANTIATE_TEST_SUITE_P(Models, EmbedsOf, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

TEST(Embeds, LeaveTheWordEmbeddingsUncalledAndNothingElse) {
  const Embedded texts({.model_type = "bert"}, {5});
  ModelRun run(texts.model);
  std::vector<std::string> called;
  const HookHandle handle =
      run.register_forward_hook("embeddings.*", [&](HookEvent& event) { called.push_back(event.path()); });
  const TextCapture found = run(texts.embeds, everything()).texts.at(0);
  EXPECT_THAT(called, ElementsAre("embeddings.token_type_embeddings", "embeddings.position_embeddings",
                                  "embeddings.LayerNorm"));
  EXPECT_TRUE(same_bits(found, ModelRun(texts.model)(texts.ids, everything()).texts.at(0)));
}

TEST(Embeds, AreTheInputThatHooksSee) {
  const Embedded texts({.task = Task::masked_lm}, {5});
  ModelRun run(texts.model);
  std::vector<HookHandle> handles;
  int seen = 0;
  for (const char* path : {"", "distilbert", "distilbert.embeddings"})
    handles.push_back(run.register_forward_hook(path, [&](HookEvent& event) {
      EXPECT_EQ(event.num_inputs(), 1U);
      EXPECT_EQ(to_string(event.input(0).view().shape()), "[1, 5, 32]");
      EXPECT_TRUE(same_bits(event.input(0).text(0), texts.embeds[0].inputs_embeds.view())) << event.path();
      ++seen;
    }));
  run(texts.embeds, everything());
  EXPECT_EQ(seen, 3);
}

// A model runs all of its layers between the two hooks, and the memory of layers is used again and again.
TEST(Embeds, ThatAPreHookChangedAreStillThereAfterTheModule) {
  for (const char* path : {"", "distilbert", "distilbert.embeddings"}) {
    const Embedded texts({.task = Task::masked_lm}, {40});
    Sequence halved = texts.embeds[0];
    halved.inputs_embeds = texts.embeds[0].inputs_embeds.view().own();
    float* values = halved.inputs_embeds.mutable_view().f32();
    std::for_each(values, values + halved.inputs_embeds.count(), [](float& value) { value *= 0.5F; });

    ModelRun run(texts.model);
    const HookHandle change = run.register_forward_pre_hook(
        path, [&](HookEvent& event) { event.replace_input(0, 0, halved.inputs_embeds.view()); });
    const HookHandle look = run.register_forward_hook(path, [&](HookEvent& event) {
      EXPECT_TRUE(same_bits(event.input(0).text(0), halved.inputs_embeds.view())) << path;
    });
    const TextCapture found = run(texts.embeds, everything()).texts.at(0);
    EXPECT_TRUE(same_bits(found, ModelRun(texts.model)({halved}, everything()).texts.at(0))) << path;
  }
}

ErrorInfo refused(const std::vector<Sequence>& texts) {
  static const Model model = load_model(TinySpec{});
  ModelRun run(model);
  return expect_error("SEQUENCE", [&] { run(texts, everything()); });
}

Sequence rows(const Shape& shape, DType dtype = DType::f32) {
  return {.input_ids = {}, .inputs_embeds = Tensor(shape, dtype)};
}

TEST(Embeds, OfAnotherShapeAreRefusedWithTheTextAndBothShapes) {
  const Sequence good = rows({4, 32});
  EXPECT_EQ(to_string(refused({good, good, rows({4, 16})})),
            "run: text 2: inputs_embeds has shape [4, 16], expected [4, 32]; "
            "give one row of hidden_size numbers a token");
  Sequence with_ids = good;
  with_ids.input_ids = {1, 2, 3};
  EXPECT_THAT(to_string(refused({with_ids})), HasSubstr("has shape [4, 32], expected [3, 32]"));
  EXPECT_THAT(to_string(refused({rows({1, 4, 32})})), HasSubstr("[1, 4, 32]"));
  EXPECT_THAT(to_string(refused({rows({})})), HasSubstr("has shape [], expected [0, 32]"));
}

TEST(Embeds, OfAnotherTypeAreRefused) {
  EXPECT_THAT(to_string(refused({rows({4, 32}, DType::i64)})),
              HasSubstr("text 0: inputs_embeds is I64, expected F32"));
}

TEST(Embeds, OfSomeTextsOnlyAreRefused) {
  EXPECT_THAT(to_string(refused({rows({4, 32}), random_text(3, 1)})),
              HasSubstr("text 1: has no inputs_embeds, unlike text 0"));
  EXPECT_THAT(to_string(refused({random_text(3, 1), rows({4, 32})})),
              HasSubstr("text 1: has inputs_embeds, unlike text 0"));
}

TEST(Embeds, WithPositionsForOnlySomeTokensAreRefused) {
  Sequence text = rows({4, 32});
  text.position_ids = {0, 1};
  EXPECT_THAT(to_string(refused({text})), HasSubstr("position_ids has 2 entries, inputs_embeds has 4"));
}

}  // namespace
}  // namespace attnscope
