// SPDX-License-Identifier: Apache-2.0
#include "attnscope/layer_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "probe/made_encodings.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::Pair;

double mean_of(const TensorView& values) {
  const Tensor owned = values.own();
  double sum = 0.0;
  for (std::int64_t i = 0; i < owned.count(); ++i) sum += static_cast<double>(owned.f32()[i]);
  return sum / static_cast<double>(owned.count());
}

double divergence_of(const TensorView& left, const TensorView& right) {
  const Tensor divergences = analysis::divergence(left, right);
  return mean_of(divergences.view());
}

TEST(LayerReport, EqualsTheFunctionsOnStoredWeights) {
  const Model model = load_model(TinySpec{.model_type = "bert"});
  ModelRun run(model);
  const Encoding text = made_encoding(model, 11, 1);
  const LayerReport report = layer_report(run, text, {.tokens = {2, 3}, .flow = true});

  Request request = Request::attentions();
  request.hidden_states = true;
  const Captures captures = run(std::vector<Encoding>{text}, request);
  const TensorView weights = captures.texts[0].attentions.view();
  const Tensor means = head_mean(weights);
  const Tensor entropy = analysis::entropy(weights);
  const Tensor distance = analysis::distance(weights);
  const Tensor rollout = analysis::rollout(weights);
  ASSERT_EQ(report.layers.size(), 3U);
  for (std::int64_t layer = 0; layer < 3; ++layer) {
    const LayerSummary& summary = report.layers[static_cast<std::size_t>(layer)];
    EXPECT_EQ(summary.layer, layer);
    EXPECT_NEAR(summary.entropy, mean_of(entropy.view().select(0, layer)), 1e-6);
    EXPECT_NEAR(summary.relative_entropy, summary.entropy / std::log(11.0), 1e-9);
    EXPECT_NEAR(summary.distance, mean_of(distance.view().select(0, layer)), 1e-5);
    double pairs = 0.0;  // without the smoothing of HeadDistances
    for (std::int64_t left = 0; left < 4; ++left)
      for (std::int64_t right = 0; right < left; ++right)
        pairs += divergence_of(weights.select(0, layer).narrow(0, left, 1),
                               weights.select(0, layer).narrow(0, right, 1)) /
                 6;
    EXPECT_NEAR(summary.head_divergence, pairs, 5e-3);
    if (layer > 0) {
      EXPECT_NEAR(summary.previous_divergence,
                  divergence_of(means.view().narrow(0, layer, 1), means.view().narrow(0, layer - 1, 1)),
                  1e-6);
    }
    EXPECT_EQ(summary.state_cosine, static_cast<double>(report.state_cosines.at({layer, layer + 1})));
    EXPECT_EQ(summary.token_cosine, static_cast<double>(report.token_cosines.at({layer + 1})));
    const Tensor flow = analysis::flow(weights.narrow(0, 0, layer + 1));
    for (std::int64_t token = 0; token < 11; ++token) {
      EXPECT_NEAR(report.rollout.at({layer, token}),
                  (rollout.at({layer, 2, token}) + rollout.at({layer, 3, token})) / 2, 1e-6);
      EXPECT_NEAR(report.flow.at({layer, token}), (flow.at({2, token}) + flow.at({3, token})) / 2, 1e-6);
    }
  }
  EXPECT_TRUE(std::isnan(report.layers[0].previous_divergence));
}

TEST(LayerReport, EndsWithWhatItsPollThrows) {
  const Model model = load_model(TinySpec{});
  ModelRun run(model);
  LayerReportOptions options;
  int calls = 0;
  options.poll = [&] { ++calls; };
  const Encoding text = made_encoding(model, 5, 1);
  static_cast<void>(layer_report(run, text, options));
  EXPECT_GT(calls, 3);  // of rollout, cosines and the divergences of each layer
  for (int last = 1; last <= 4; ++last) {
    calls = 0;
    options.poll = [&] {
      if (++calls == last) throw std::runtime_error("enough");
    };
    EXPECT_THROW(static_cast<void>(layer_report(run, text, options)), std::runtime_error) << last;
  }
}

TEST(LayerReport, RefusesATokenThatIsNotThere) {
  const Model model = load_model(TinySpec{});
  ModelRun run(model);
  const Encoding text = made_encoding(model, 5, 1);
  EXPECT_THAT(
      expect_error("RANGE", [&] { static_cast<void>(layer_report(run, text, {.tokens = {5}})); }).hint,
      testing::HasSubstr("0..4"));
}

Tensor numbered(const Shape& shape) {
  Tensor tensor(shape);
  for (std::int64_t i = 0; i < tensor.count(); ++i) tensor.mutable_view().f32()[i] = static_cast<float>(i);
  return tensor;
}

TEST(Difference, OfATextWithItselfIsNothing) {
  const NamedAttention attention{{"a", "b", "c"}, numbered({2, 2, 3, 3})};
  const DifferenceReport report = difference(attention, attention);
  EXPECT_TRUE(report.by_head);
  EXPECT_EQ(report.pairs.size(), 3U);
  for (std::int64_t i = 0; i < 4; ++i) EXPECT_EQ(report.mean_difference.f32()[i], 0.0F);
}

TEST(Difference, IsOfAlignedWords) {
  const NamedAttention left{{"a", "b", "c"}, numbered({1, 2, 3, 3})};
  NamedAttention right{{"a", "new", "b", "c"}, Tensor({1, 2, 4, 4})};
  const std::int64_t partner[] = {0, 2, 3};  // of each word of the left
  for (std::int64_t head = 0; head < 2; ++head)
    for (std::int64_t from = 0; from < 3; ++from)
      for (std::int64_t to = 0; to < 3; ++to)
        right.weights.mutable_view().f32()[(head * 4 + partner[from]) * 4 + partner[to]] =
            left.weights.at({0, head, from, to});
  right.weights.mutable_view().f32()[(1 * 4 + 3) * 4 + 0] += 9.0F;  // head 1, from "c" to "a"
  const DifferenceReport report = difference(left, right, {.strongest = 1});
  EXPECT_THAT(report.pairs, ElementsAre(Pair(0, 0), Pair(1, 2), Pair(2, 3)));
  EXPECT_EQ(report.mean_difference.at({0, 0}), 0.0F);
  EXPECT_EQ(report.mean_difference.at({0, 1}), 1.0F);  // 9 over 9 pairs
  ASSERT_EQ(report.strongest.size(), 1U);
  EXPECT_EQ(report.strongest[0].head, 1);
  EXPECT_EQ(report.strongest[0].from, 2);
  EXPECT_EQ(report.strongest[0].to, 0);
  EXPECT_EQ(report.strongest[0].right - report.strongest[0].left, 9.0);
}

TEST(Difference, OfModelsOfUnequalDepthIsOfMeansAtEqualShares) {
  const NamedAttention left{{"a", "b"}, numbered({2, 2, 2, 2})};
  const NamedAttention right{{"a", "b"}, numbered({4, 3, 2, 2})};
  const DifferenceReport report = difference(left, right);
  EXPECT_FALSE(report.by_head);
  EXPECT_THAT(report.layers, ElementsAre(Pair(0, 1), Pair(1, 3)));
  EXPECT_EQ(to_string(report.left.shape()), "[2, 1, 2, 2]");
  EXPECT_EQ(report.left.at({1, 0, 0, 0}), 10.0F);   // mean of 8 and 12
  EXPECT_EQ(report.right.at({1, 0, 0, 0}), 40.0F);  // mean of 36, 40 and 44
}

TEST(Difference, OfLayersIsOfTheMeansOfTheirHeads) {
  const NamedAttention attention{{"a", "b"}, numbered({3, 2, 2, 2})};
  const DifferenceReport report = layer_difference(attention, 0, 2);
  EXPECT_THAT(report.layers, ElementsAre(Pair(0, 2)));
  EXPECT_EQ(report.mean_difference.at({0, 0}), 16.0F);
  EXPECT_FALSE(report.strongest[0].head.has_value());
  expect_error("RANGE", [&] { static_cast<void>(layer_difference(attention, 0, 3)); });
}

TEST(Difference, OfTextsThatShareNoWordIsRefused) {
  const NamedAttention left{{"a"}, numbered({1, 1, 1, 1})};
  const NamedAttention right{{"b", "c"}, numbered({1, 1, 2, 2})};
  expect_error("ALIGN", [&] { static_cast<void>(difference(left, right)); });
}

}  // namespace
}  // namespace attnscope
