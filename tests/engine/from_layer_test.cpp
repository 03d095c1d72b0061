// SPDX-License-Identifier: Apache-2.0
//
// Request::from_layer: a run that starts inside the encoder. And Model::parts: where its parts stand.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

constexpr Task kTasks[] = {Task::none, Task::masked_lm, Task::sequence_classification,
                           Task::token_classification, Task::question_answering};

Request outputs_and_weights() {
  Request request = Request::outputs();
  request.weights = true;
  return request;
}

std::vector<Sequence> texts_from(const std::vector<Sequence>& texts, const Captures& states,
                                 std::int64_t layer) {
  std::vector<Sequence> resumed = texts;
  for (std::size_t i = 0; i < texts.size(); ++i)
    resumed[i].inputs_embeds = states.texts[i].hidden_states.view().select(0, layer).own();
  return resumed;
}

class FromLayer : public testing::TestWithParam<const char*> {};

TEST_P(FromLayer, ARunOnTheStatesOfALayerGivesTheBitsOfTheWholeRun) {
  for (const Task task : kTasks) {
    const Model model = load_model({.model_type = GetParam(), .task = task});
    ModelRun run(model);
    const std::vector<Sequence> texts = random_texts({7, 1, 12});
    Request all = outputs_and_weights();
    all.hidden_states = true;
    const Captures whole = run(texts, all);
    for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer) {
      Request request = outputs_and_weights();
      request.from_layer = layer;
      const Captures found = run(texts_from(texts, whole, layer), request);
      EXPECT_EQ(found.layers.front(), layer);
      for (std::size_t i = 0; i < texts.size(); ++i) {
        const TextCapture& expected = whole.texts[i];
        EXPECT_TRUE(same_bits(found.texts[i].logits, expected.logits));
        EXPECT_TRUE(same_bits(found.texts[i].last_hidden_state, expected.last_hidden_state));
        EXPECT_TRUE(same_bits(found.texts[i].pooler_output, expected.pooler_output));
        EXPECT_TRUE(
            same_bits(found.texts[i].attentions,
                      expected.attentions.view().narrow(0, layer, model.info().num_layers - layer).own()));
      }
    }
  }
}

TEST_P(FromLayer, GivenContextsTakeThePlaceOfAttention) {
  const Model model = load_model({.model_type = GetParam(), .task = Task::token_classification});
  ModelRun run(model);
  std::vector<Sequence> texts = random_texts({7, 12});
  const auto keep = [&](std::size_t layer) {
    return run.register_forward_pre_hook(model.parts().layers[layer].output, [&texts](HookEvent& event) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        texts[i].contexts = event.input(0).text(static_cast<std::int64_t>(i)).own();
    });
  };
  Request all = outputs_and_weights();
  all.hidden_states = true;
  for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer) {
    for (Sequence& text : texts) text.contexts = {};
    HookHandle keeping = keep(static_cast<std::size_t>(layer));
    const Captures whole = run(texts, all);
    keeping.remove();
    bool fired = false;
    const auto attention = run.register_forward_hook(
        model.parts().layers[static_cast<std::size_t>(layer)].query, [&](HookEvent&) { fired = true; });
    Request request = Request::outputs();
    request.from_layer = layer;
    const Captures found = run(texts_from(texts, whole, layer), request);
    EXPECT_FALSE(fired);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      EXPECT_TRUE(same_bits(found.texts[i].logits, whole.texts[i].logits));
      EXPECT_TRUE(same_bits(found.texts[i].last_hidden_state, whole.texts[i].last_hidden_state));
    }
  }
}

TEST_P(FromLayer, HooksBeforeTheLayerDoNotFire) {
  const Model model = load_model({.model_type = GetParam()});
  ModelRun run(model);
  const std::vector<Sequence> texts = random_texts({5});
  Request states;
  states.hidden_states = true;
  const Captures whole = run(texts, states);
  std::vector<std::string> fired;
  const auto note = [&](HookEvent& event) { fired.push_back(event.path()); };
  const auto embeddings = run.register_forward_hook(model.parts().embeddings, note);
  const auto first = run.register_forward_hook(model.parts().layers[0].layer, note);
  const auto second = run.register_forward_hook(model.parts().layers[1].layer, note);
  Request request = Request::outputs();
  request.from_layer = 1;
  run(texts_from(texts, whole, 1), request);
  EXPECT_EQ(fired, std::vector<std::string>{model.parts().layers[1].layer});
}

INSTANTIATE_TEST_SUITE_P(Families, FromLayer, testing::Values("distilbert", "bert"));

template <class Call>
std::string message_of(const Call& call) {
  try {
    call();
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "nothing thrown";
}

TEST(FromLayerErrors, SayWhatIsMissing) {
  const Model model = load_model(TinySpec{});
  ModelRun run(model);
  Request request = Request::outputs();
  request.from_layer = 1;
  EXPECT_THAT(message_of([&] { run(random_texts({4}), request); }), HasSubstr("without inputs_embeds"));
  Sequence with_contexts = random_text(4, 1);
  with_contexts.contexts = Tensor({4, 32});
  Request plain = Request::outputs();
  EXPECT_THAT(message_of([&] { run(std::vector{with_contexts}, plain); }), HasSubstr("without from_layer"));
  with_contexts.inputs_embeds = Tensor({4, 32});
  plain.from_layer = 1;
  plain.weights = true;
  EXPECT_THAT(message_of([&] { run(std::vector{with_contexts}, plain); }),
              HasSubstr("weights of the layer whose contexts are given"));
  with_contexts.contexts = Tensor({3, 32});
  EXPECT_THAT(message_of([&] { run(std::vector{with_contexts}, plain); }), HasSubstr("expected [4, 32]"));
  request.from_layer = 3;
  EXPECT_THAT(message_of([&] { run(random_texts({4}), request); }), HasSubstr("choose from 0..2"));
  request.from_layer = 2;
  request.hidden_states = true;
  EXPECT_THAT(message_of([&] { run(random_texts({4}), request); }), HasSubstr("together with hidden_states"));
  Request weights = Request::attentions();
  weights.from_layer = 2;
  weights.layers = {{1}};
  EXPECT_THAT(message_of([&] { run(random_texts({4}), weights); }), HasSubstr("1 does not run"));
}

void expect_linear(const Model& model, const std::string& path) {
  EXPECT_EQ(model.module(path).type, "Linear") << path;
}
void expect_norm(const Model& model, const std::string& path) {
  EXPECT_EQ(model.module(path).type, "LayerNorm") << path;
}

class Parts : public testing::TestWithParam<const char*> {};

TEST_P(Parts, StandWhereTheModelSaysThemToBe) {
  for (const Task task : kTasks) {
    const Model model = load_model({.model_type = GetParam(), .task = task});
    const EncoderParts& parts = model.parts();
    ASSERT_EQ(static_cast<std::int64_t>(parts.layers.size()), model.info().num_layers);
    EXPECT_NO_THROW(static_cast<void>(model.module(parts.embeddings)));
    EXPECT_EQ(model.module(parts.word_embeddings).type, "Embedding");
    expect_norm(model, parts.embedding_norm);
    for (const LayerParts& layer : parts.layers) {
      for (const auto& path : {layer.query, layer.key, layer.value, layer.output, layer.up, layer.down})
        expect_linear(model, path);
      expect_norm(model, layer.attention_norm);
      expect_norm(model, layer.output_norm);
      EXPECT_NO_THROW(static_cast<void>(model.module(layer.attn)));
      EXPECT_NO_THROW(static_cast<void>(model.module(layer.layer)));
    }
    EXPECT_EQ(parts.head.empty(), task == Task::none);
    for (const HeadStep& step : parts.head) {
      expect_linear(model, step.linear);
      if (!step.norm.empty()) expect_norm(model, step.norm);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Parts, testing::Values("distilbert", "bert"));

}  // namespace
}  // namespace attnscope
