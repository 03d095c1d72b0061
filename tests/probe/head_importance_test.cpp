// SPDX-License-Identifier: Apache-2.0
//
// Importance of heads equals what scans, gradients and scores of single texts say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/head_report.h"
#include "probe/made_encodings.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

Sequence sequence_of(const Encoding& text) { return {.input_ids = text.input_ids}; }

Tensor logits_of(const Model& model, const Encoding& text) {
  Request request;
  request.logits = true;
  return ModelRun(model)(std::vector<Sequence>{sequence_of(text)}, request).texts[0].logits;
}

TEST(PredictedTargets, AreTheLargestLogits) {
  const Tensor classes = Tensor::of({3}, std::vector<float>{1, 5, 2});
  const auto whole = predicted_targets(classes.view(), Task::sequence_classification);
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].label, 1);
  EXPECT_TRUE(whole[0].tokens.empty());

  const Tensor tokens = Tensor::of({3, 2}, std::vector<float>{1, 2, 4, 3, 0, 9});
  const auto labels = predicted_targets(tokens.view(), Task::token_classification, {0, 1, 2});
  ASSERT_EQ(labels.size(), 2U);
  EXPECT_EQ(labels[0].tokens, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(labels[1].tokens, (std::vector<std::int64_t>{0, 2}));

  const auto answer = predicted_targets(tokens.view(), Task::question_answering);
  ASSERT_EQ(answer.size(), 2U);
  EXPECT_EQ(answer[0].tokens, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(answer[1].tokens, (std::vector<std::int64_t>{2}));
}

TEST(FirstPieces, SpeakForWords) {
  const Model model = load_model(TinySpec{});
  // Words of one, two and three pieces, then one of one.
  EXPECT_THAT(first_pieces(made_encoding(model, 9, 1)), testing::ElementsAre(1, 2, 4, 7));
}

TEST(HeadImportance, ByAblationIsTheMeanOfTheEffectsOfTheTexts) {
  const Model model = load_model(TinySpec{.task = Task::sequence_classification});
  ModelRun run(model);
  const auto texts = made_encodings(model, {5, 9});
  HeadImportanceCollector collector;
  std::vector<double> effects(12);
  std::vector<double> sizes(12);
  for (const Encoding& text : texts) {
    collector.add(run, text);
    const AblationScan scan = ablation_scan(run, sequence_of(text));
    const Tensor found = ablation_effects(scan, predicted_target(scan.logits.view()));
    for (std::size_t head = 0; head < 12; ++head) {
      effects[head] += static_cast<double>(found.f32()[head]) / 2;
      sizes[head] += std::abs(static_cast<double>(found.f32()[head])) / 2;
    }
  }
  const HeadImportance result = collector.result();
  EXPECT_EQ(result.num_texts, 2);
  for (std::size_t head = 0; head < 12; ++head) {
    EXPECT_NEAR(static_cast<double>(result.effect.f32()[head]), effects[head], 1e-6);
    EXPECT_NEAR(static_cast<double>(result.importance.f32()[head]), sizes[head], 1e-6);
  }
}

TEST(HeadImportance, OfLabelledWordsIsTheChangeOfTheMeanLoss) {
  const Model model = load_model(TinySpec{.task = Task::token_classification});
  ModelRun run(model);
  const Encoding text = made_encoding(model, 9, 1);
  const std::vector<std::string>& names = model.info().labels;
  const std::vector<std::string> labels{names[0], names[2], names[0], names[1]};
  HeadImportanceCollector collector;
  collector.add(run, text, label_targets(text, labels, model.info()));

  const AblationScan scan = ablation_scan(run, sequence_of(text));
  const auto mean_loss = [&](const TensorView& logits) {
    double sum = 0.0;
    const std::vector<std::pair<std::int64_t, std::int64_t>> watched{{1, 0}, {2, 2}, {4, 0}, {7, 1}};
    for (const auto& [token, label] : watched) {
      double total = 0.0;
      for (std::int64_t other = 0; other < 3; ++other)
        total += std::exp(static_cast<double>(logits.at({token, other})));
      sum += std::log(total) - static_cast<double>(logits.at({token, label}));
    }
    return sum / 4;
  };
  const HeadImportance result = collector.result();
  EXPECT_NEAR(result.value, mean_loss(scan.logits.view()), 1e-5);
  for (std::int64_t head = 0; head < 12; ++head) {
    const TensorView ablated = scan.ablated.view().select(0, head / 4).select(0, head % 4);
    EXPECT_NEAR(static_cast<double>(result.effect.f32()[head]),
                mean_loss(ablated) - mean_loss(scan.logits.view()), 1e-5);
  }
}

TEST(HeadImportance, ByGradientIsTheSensitivityOfTheHead) {
  const Model model = load_model(TinySpec{.task = Task::sequence_classification});
  ModelRun run(model);
  const Encoding text = made_encoding(model, 9, 1);
  HeadImportanceCollector collector({.by = ImportanceBy::gradient});
  collector.add(run, text);
  const Tensor logits = logits_of(model, text);
  const Target target = predicted_target(logits.view());
  const HeadImportance result = collector.result();
  EXPECT_TRUE(result.effect.empty());
  EXPECT_LT(max_abs_difference(result.importance, head_sensitivity(run, sequence_of(text), target)), 1e-5F);
}

TEST(HeadImportance, CountsTheHeadsOfAllTextsAndEndsWhenTheProgressThrows) {
  const Model model = load_model(TinySpec{.task = Task::sequence_classification});
  ModelRun run(model);
  std::vector<std::int64_t> done;
  HeadImportanceOptions options;
  options.num_texts = 2;
  options.scan.progress = [&](std::int64_t now, std::int64_t all) {
    EXPECT_EQ(all, 24);
    done.push_back(now);
    if (now > 18) throw std::runtime_error("stop");
  };
  HeadImportanceCollector collector(options);
  const Encoding text = made_encoding(model, 9, 1);
  collector.add(run, text);
  EXPECT_EQ(done.back(), 12);
  EXPECT_THROW(collector.add(run, text), std::runtime_error);
  EXPECT_EQ(collector.result().num_texts, 1);
}

TEST(HeadImportance, OfABareEncoderIsRefused) {
  const Model model = load_model(TinySpec{});
  ModelRun run(model);
  HeadImportanceCollector collector;
  expect_error("NO_HEAD", [&] { collector.add(run, made_encoding(model, 5, 1)); });
  expect_error("NO_TEXT", [&] { static_cast<void>(collector.result()); });
}

TEST(LabelTargets, RefuseALabelThatTheModelDoesNotHave) {
  const Model model = load_model(TinySpec{.task = Task::token_classification});
  const Encoding text = made_encoding(model, 4, 1);
  const ErrorInfo info = expect_error("LABEL", [&] {
    static_cast<void>(label_targets(text, {"O", "B-NONE"}, model.info()));
  });
  EXPECT_THAT(to_string(info), testing::HasSubstr("word 0"));
}

TEST(HeadScores, AreTheF1OfTheWholeFileWithEachHeadAblated) {
  const Model model = load_model(TinySpec{.task = Task::token_classification});
  ModelRun run(model);
  const auto texts = made_encodings(model, {9, 17, 5});
  HeadScoresCollector collector;
  EntityScore unablated;
  std::vector<EntityScore> ablated(12);
  for (const Encoding& text : texts) {
    const AblationScan scan = ablation_scan(run, sequence_of(text));
    const auto count = static_cast<std::int64_t>(first_pieces(text).size());
    // The truth is what the model says with head 5 ablated.
    const auto said = [&](const TensorView& logits) {
      return word_labels(text, logits, model.info().labels, count);
    };
    const auto truth = said(scan.ablated.view().select(0, 1).select(0, 1));
    collector.add(run, text, truth);
    unablated.add(said(scan.logits.view()), truth);
    for (std::int64_t head = 0; head < 12; ++head)
      ablated[static_cast<std::size_t>(head)].add(
          said(scan.ablated.view().select(0, head / 4).select(0, head % 4)), truth);
  }
  const HeadScores& scores = collector.scores();
  EXPECT_EQ(scores.num_texts, 3);
  EXPECT_EQ(scores.unablated.f1(), unablated.f1());
  for (std::size_t head = 0; head < 12; ++head) EXPECT_EQ(scores.ablated[head].f1(), ablated[head].f1());
  EXPECT_EQ(scores.ablated[5].correct, scores.ablated[5].expected);
}

TEST(HeadScores, NeedATokenClassifier) {
  const Model model = load_model(TinySpec{.task = Task::sequence_classification});
  ModelRun run(model);
  HeadScoresCollector collector;
  expect_error("NO_LABELS", [&] { collector.add(run, made_encoding(model, 5, 1), {"O"}); });
}

}  // namespace
}  // namespace attnscope
