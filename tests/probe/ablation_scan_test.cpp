// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "attnscope/probe.h"
#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

constexpr Task kTasks[] = {Task::masked_lm, Task::sequence_classification, Task::token_classification,
                           Task::question_answering};

TensorView ablated(const AblationScan& scan, std::int64_t layer, std::int64_t head) {
  return scan.ablated.view().select(0, layer).select(0, head);
}

// The logits of one run in which the hook writes `row` into the head's columns of every token.
Tensor logits_with(ModelRun& run, const Sequence& text, std::int64_t layer, std::int64_t head,
                   const std::vector<float>& row) {
  const Model model = run.model();
  const std::int64_t head_dim = model.info().hidden_size / model.info().num_heads;
  const auto edit = run.register_forward_pre_hook(
      model.parts().layers[static_cast<std::size_t>(layer)].output, [&](HookEvent& event) {
        const MutableTensorView contexts = event.edit_input(0);
        for (std::int64_t token = 0; token < contexts.size(0); ++token)
          for (std::int64_t i = 0; i < head_dim; ++i)
            contexts.f32()[token * contexts.size(1) + head * head_dim + i] = row[static_cast<std::size_t>(i)];
      });
  Request request;
  request.logits = true;
  return run(std::vector<Sequence>{text}, request).texts[0].logits;
}

std::vector<float> mean_row(const Tensor& means, std::int64_t layer, std::int64_t head) {
  const TensorView row = means.view().select(0, layer).select(0, head);
  return {row.f32(), row.f32() + row.count()};
}

class Scan : public testing::TestWithParam<const char*> {};

TEST_P(Scan, OfZeroedHeadsHasTheBitsOfARunForEachHead) {
  for (const Task task : kTasks) {
    const Model model = load_model({.model_type = GetParam(), .task = task});
    ModelRun run(model);
    const Sequence text = random_text(9, 5);
    const AblationScan scan = ablation_scan(run, text);
    for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer)
      for (std::int64_t head = 0; head < model.info().num_heads; ++head)
        EXPECT_TRUE(same_bits(ablated(scan, layer, head).own(),
                              logits_with(run, text, layer, head, std::vector<float>(8))));
  }
}

TEST_P(Scan, DoesNotDependOnTheSizeOfItsBatches) {
  const Model model = load_model({.model_type = GetParam(), .task = Task::token_classification});
  ModelRun run(model);
  const Sequence text = random_text(9, 5);
  const AblationScan whole = ablation_scan(run, text);
  for (const std::int64_t tokens : {1, 27, 36})
    EXPECT_TRUE(same_bits(ablation_scan(run, text, {.batch_tokens = tokens}).ablated, whole.ablated));
}

TEST_P(Scan, WithMeansOfACorpusPutsThemInPlaceOfTheHead) {
  const Model model = load_model({.model_type = GetParam(), .task = Task::sequence_classification});
  ModelRun run(model);
  MeanContexts corpus(model);
  corpus.add(run, random_texts({4, 11}));
  corpus.add(run, random_texts({6}));
  const Tensor means = corpus.value();
  const Sequence text = random_text(7, 8);
  const AblationScan scan = ablation_scan(run, text, {.ablation = Ablation::mean, .means = means});
  for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer)
    for (std::int64_t head = 0; head < model.info().num_heads; ++head)
      EXPECT_TRUE(same_bits(ablated(scan, layer, head).own(),
                            logits_with(run, text, layer, head, mean_row(means, layer, head))));
}

// A head whose weights are all 1/n.
Tensor logits_of_uniform(ModelRun& run, const Sequence& text, std::int64_t layer, std::int64_t head) {
  const Model model = run.model();
  const auto edit = run.register_forward_hook(
      model.parts().layers[static_cast<std::size_t>(layer)].attn, [&](HookEvent& event) {
        const MutableTensorView weights = event.edit_output(0).select(0, head);
        weights.fill(1.0F / static_cast<float>(weights.size(1)));
      });
  Request request;
  request.logits = true;
  return run(std::vector<Sequence>{text}, request).texts[0].logits;
}

TEST_P(Scan, OfUniformHeadsEqualsReplacedWeights) {
  const Model model = load_model({.model_type = GetParam(), .task = Task::sequence_classification});
  ModelRun run(model);
  const Sequence text = random_text(7, 8);
  const AblationScan scan = ablation_scan(run, text, {.ablation = Ablation::uniform});
  for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer)
    for (std::int64_t head = 0; head < model.info().num_heads; ++head) {
      const Tensor expected = logits_of_uniform(run, text, layer, head);
      for (std::int64_t i = 0; i < expected.count(); ++i)
        EXPECT_NEAR(ablated(scan, layer, head).f32()[i], expected.f32()[i], 1e-5F);
    }
}

TEST_P(Scan, TellsHowFarItIs) {
  const Model model = load_model({.model_type = GetParam(), .task = Task::sequence_classification});
  ModelRun run(model);
  std::vector<std::int64_t> done;
  const auto note = [&](std::int64_t heads, std::int64_t all) {
    EXPECT_EQ(all, 12);
    done.push_back(heads);
  };
  static_cast<void>(ablation_scan(run, random_text(5, 1), {.batch_tokens = 15, .progress = note}));
  EXPECT_EQ(done, (std::vector<std::int64_t>{3, 4, 7, 8, 11, 12}));
}

INSTANTIATE_TEST_SUITE_P(Families, Scan, testing::Values("distilbert", "bert"));

TEST(ScanErrors, SayThatThereIsNoHead) {
  const Model model = load_model(TinySpec{});
  ModelRun run(model);
  EXPECT_THROW(static_cast<void>(ablation_scan(run, random_text(5, 1))), UnsupportedModel);
}

TEST(MeanContexts, AreTheMeanOverAllTokensOfAllTexts) {
  const Model model = load_model({.task = Task::sequence_classification});
  ModelRun run(model);
  const std::vector<Sequence> texts = random_texts({4, 11});
  std::vector<double> sums(32);
  const auto hook = run.register_forward_pre_hook(model.parts().layers[1].output, [&](HookEvent& event) {
    for (std::int64_t text = 0; text < event.num_texts(); ++text)
      for (std::int64_t i = 0; i < event.input(0).text(text).count(); ++i)
        sums[static_cast<std::size_t>(i % 32)] += static_cast<double>(event.input(0).text(text).f32()[i]);
  });
  run(texts);
  ModelRun other(model);
  MeanContexts means(model);
  means.add(other, texts);
  const Tensor found = means.value();
  const float* layer = found.view().select(0, 1).f32();
  for (std::int64_t i = 0; i < 32; ++i) EXPECT_NEAR(layer[i], sums[static_cast<std::size_t>(i)] / 15, 1e-6);
}

}  // namespace
}  // namespace attnscope
