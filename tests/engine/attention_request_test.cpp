// SPDX-License-Identifier: Apache-2.0
//
// Rows, statistics, sums, top keys and weights on demand equal the same taken from all weights.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

const std::vector<std::int64_t> kLengths{1, 2, 9, 17, 70};

class AttentionRequest : public testing::TestWithParam<const char*> {
 protected:
  Captures run(const Request& request) { return ModelRun(model_)(texts_, request); }
  /// All weights of all texts: [layers, heads, n, n].
  [[nodiscard]] std::vector<Tensor> whole() {
    std::vector<Tensor> weights;
    for (const TextCapture& text : run(Request::attentions()).texts) weights.push_back(text.attentions);
    return weights;
  }

  Model model_ = load_model(TinySpec{.model_type = GetParam()});
  std::vector<Sequence> texts_ = random_texts(kLengths);
};

Request some_weights() {
  Request request = Request::attentions();
  request.layers = {{2, 0}};
  request.heads = {{3, 1}};
  return request;
}

// Row `row` of the head at these places in a request for some_weights(), from all weights.
TensorView row_of(const Tensor& whole, std::int64_t layer_place, std::int64_t head_place, std::int64_t row) {
  return whole.view().select(0, layer_place == 0 ? 2 : 0).select(0, head_place == 0 ? 3 : 1).select(0, row);
}

TEST_P(AttentionRequest, GivesTheChosenRowsInTheirOrder) {
  const std::vector<Tensor> all = whole();
  for (const bool with_state : {false, true}) {  // the last layer ends with its weights, or does not
    Request request = some_weights();
    request.last_hidden_state = with_state;
    request.rows = {{-1}};
    const Captures last = run(request);
    for (std::size_t text = 0; text < texts_.size(); ++text)
      for (std::int64_t layer = 0; layer < 2; ++layer)
        EXPECT_TRUE(same_bits(last.texts[text].attentions.view().select(0, layer).select(0, 1).select(0, 0),
                              row_of(all[text], layer, 1, all[text].size(3) - 1)));
    texts_ = {texts_.back()};
    request.rows = {{5, -2, 0}};
    const Tensor chosen = run(request).texts.at(0).attentions;
    ASSERT_EQ(to_string(chosen.shape()), "[2, 2, 3, 70]");
    const std::vector<std::int64_t> positions{5, 68, 0};
    for (std::int64_t i = 0; i < 3; ++i)
      EXPECT_TRUE(same_bits(chosen.view().select(0, 0).select(0, 0).select(0, i),
                            row_of(all.back(), 0, 0, positions[static_cast<std::size_t>(i)])));
    texts_ = random_texts(kLengths);
  }
}

TEST_P(AttentionRequest, ReducesTheChosenRows) {
  texts_ = {texts_.back()};
  for (const Reduce reduce : {Reduce::mean, Reduce::max}) {
    Request request = some_weights();
    request.reduce = reduce;
    const Tensor whole_map = run(request).texts.at(0).attentions;
    request.rows = {{7, 3}};
    const Tensor rows = run(request).texts.at(0).attentions;
    ASSERT_EQ(to_string(rows.shape()), "[2, 2, 70]");
    for (std::int64_t layer = 0; layer < 2; ++layer)
      EXPECT_TRUE(same_bits(rows.view().select(0, layer).select(0, 1),
                            whole_map.view().select(0, layer).select(0, 3)));
  }
}

float sum_of(const TensorView& row, const std::function<double(double, std::int64_t)>& term) {
  double sum = 0;
  for (std::int64_t key = 0; key < row.count(); ++key) sum += term(static_cast<double>(row.f32()[key]), key);
  return static_cast<float>(sum);
}

// [PAD] [UNK] [CLS] [SEP] [MASK] are the first ids of the test model; others are words.
float expected_statistic(Statistic statistic, const TensorView& row, std::int64_t query,
                         const std::vector<std::int64_t>& ids, const Tokenizer& tokenizer) {
  const auto at = [&](std::int64_t key) { return key < 0 || key >= row.count() ? 0.0F : row.f32()[key]; };
  const auto on = [&](const std::string& token) {
    return sum_of(row, [&](double p, std::int64_t key) {
      return ids[static_cast<std::size_t>(key)] == tokenizer.token_to_id(token) ? p : 0.0;
    });
  };
  switch (statistic) {
    case Statistic::entropy:
      return sum_of(row, [](double p, std::int64_t) { return p > 0 ? -p * std::log(p) : 0.0; });
    case Statistic::max:
      return *std::max_element(row.f32(), row.f32() + row.count());
    case Statistic::distance:
      return sum_of(
          row, [&](double p, std::int64_t key) { return p * std::abs(static_cast<double>(query - key)); });
    case Statistic::self:
      return at(query);
    case Statistic::previous:
      return at(query - 1);
    case Statistic::next:
      return at(query + 1);
    case Statistic::cls:
      return on("[CLS]");
    case Statistic::sep:
      return on("[SEP]");
    case Statistic::punctuation:
      break;
  }
  return sum_of(row, [&](double p, std::int64_t key) {
    const std::int64_t id = ids[static_cast<std::size_t>(key)];
    const auto is = [&](const char* token) { return id == tokenizer.token_to_id(token); };
    return is(".") || is(",") || is("!") ? p : 0.0;
  });
}

TEST_P(AttentionRequest, GivesStatisticsOfTheChosenLayersHeadsAndRows) {
  texts_.erase(texts_.begin());   // of one token, where -1 is 0
  texts_[0].input_ids = {2, 11};  // [CLS] .
  texts_[1].input_ids[3] = 3;     // [SEP]
  const std::vector<Tensor> all = whole();
  Request request = some_weights();
  request.weights = false;
  request.statistics = all_statistics();
  request.rows = {{-1, 0}};
  const Captures captures = run(request);
  EXPECT_EQ(captures.statistics, all_statistics());
  for (std::size_t text = 0; text < texts_.size(); ++text) {
    const Tensor& found = captures.texts[text].statistics;
    ASSERT_EQ(to_string(found.shape()), "[9, 2, 2, 2]");
    EXPECT_TRUE(captures.texts[text].attentions.empty());
    const std::int64_t n = all[text].size(3);
    for (std::int64_t i = 0; i < 9; ++i)
      for (std::int64_t layer = 0; layer < 2; ++layer)
        for (std::int64_t head = 0; head < 2; ++head)
          for (std::int64_t row = 0; row < 2; ++row) {
            const std::int64_t query = row == 0 ? n - 1 : 0;
            const TensorView weights = row_of(all[text], layer, head, query);
            const Statistic statistic = all_statistics()[static_cast<std::size_t>(i)];
            const float expected =
                expected_statistic(statistic, weights, query, texts_[text].input_ids, model_.tokenizer());
            EXPECT_NEAR(found.at({i, layer, head, row}), expected, 1e-6 * std::max(1.0F, expected))
                << name(statistic);
          }
  }
}

TEST_P(AttentionRequest, GivesWhatEachKeyReceivesAndTheTopKeys) {
  const std::vector<Tensor> all = whole();
  Request request = some_weights();
  request.weights = false;
  request.received = true;
  request.top_keys = 3;
  const Captures captures = run(request);
  for (std::size_t text = 0; text < texts_.size(); ++text) {
    const TextCapture& found = captures.texts[text];
    const std::int64_t n = all[text].size(3);
    const std::int64_t k = std::min<std::int64_t>(3, n);
    ASSERT_EQ(found.top_keys.shape(), (Shape{2, 2, n, k}));
    for (std::int64_t layer = 0; layer < 2; ++layer)
      for (std::int64_t key = 0; key < n; ++key) {
        double sum = 0;
        for (std::int64_t query = 0; query < n; ++query)
          sum += static_cast<double>(row_of(all[text], layer, 1, query).f32()[key]);
        EXPECT_NEAR(found.received.at({layer, 1, key}), sum, 1e-5);
      }
    for (std::int64_t query = 0; query < n; ++query) {
      const TensorView row = row_of(all[text], 0, 1, query);
      std::vector<std::int64_t> keys(static_cast<std::size_t>(n));
      std::iota(keys.begin(), keys.end(), std::int64_t{0});
      std::stable_sort(keys.begin(), keys.end(),
                       [&](std::int64_t a, std::int64_t b) { return row.f32()[a] > row.f32()[b]; });
      for (std::int64_t rank = 0; rank < k; ++rank) {
        const std::int64_t place = ((0 * 2 + 1) * n + query) * k + rank;
        EXPECT_EQ(found.top_keys.i64()[place], keys[static_cast<std::size_t>(rank)]);
        EXPECT_EQ(found.top_weights.f32()[place], row.f32()[keys[static_cast<std::size_t>(rank)]]);
      }
    }
  }
}

TEST_P(AttentionRequest, MakesWeightsOnDemandWithTheBitsOfTheRun) {
  const std::vector<Tensor> all = whole();
  for (const bool with_state : {false, true}) {
    Request request = some_weights();
    request.weights = false;
    request.on_demand = true;
    request.last_hidden_state = with_state;
    const Captures captures = run(request);
    for (std::size_t text = 0; text < texts_.size(); ++text) {
      const WeightsOnDemand& later = captures.texts[text].on_demand;
      EXPECT_EQ(later.layers(), (std::vector<std::int64_t>{2, 0}));
      const Tensor whole_map = later.weights(0, 3);
      EXPECT_TRUE(same_bits(whole_map.view(), all[text].view().select(0, 0).select(0, 3)));
      const Tensor last_row = later.weights(2, 1, {-1});
      EXPECT_TRUE(same_bits(last_row.view().select(0, 0), row_of(all[text], 0, 1, all[text].size(3) - 1)));
    }
    expect_error("RANGE", [&] { static_cast<void>(captures.texts[0].on_demand.weights(1, 3)); });
    expect_error("RANGE", [&] { static_cast<void>(captures.texts[0].on_demand.weights(0, 0)); });
    expect_error("RANGE", [&] { static_cast<void>(captures.texts[0].on_demand.weights(0, 3, {1})); });
  }
}

TEST_P(AttentionRequest, HasTheSameResultsWhenAHookSeesTheWeights) {
  Request request = some_weights();
  request.statistics = all_statistics();
  request.received = true;
  request.top_keys = 2;
  request.rows = {{0}};
  const Captures expected = run(request);
  ModelRun hooked(model_);
  const HookHandle handle = hooked.register_forward_hook("**.attn", [](HookEvent&) {});
  const Captures found = hooked(texts_, request);
  for (std::size_t text = 0; text < texts_.size(); ++text) {
    const TextCapture& a = expected.texts[text];
    const TextCapture& b = found.texts[text];
    EXPECT_TRUE(same_bits(a.attentions, b.attentions));
    EXPECT_TRUE(same_bits(a.received, b.received));
    EXPECT_TRUE(same_bits(a.top_keys, b.top_keys));
    EXPECT_LT(max_abs_difference(a.statistics, b.statistics), 1e-6F);
  }
}

TEST_P(AttentionRequest, CountsReplacedWeights) {
  Request request = some_weights();
  request.statistics = {Statistic::entropy, Statistic::max};
  ModelRun run(model_);
  const HookHandle handle = run.register_forward_hook("**.attn", [](HookEvent& event) {
    for (std::int64_t text = 0; text < event.output(0).num_texts(); ++text) {
      Tensor uniform = event.output(0).text(text).own();
      uniform.mutable_view().fill(1.0F / static_cast<float>(uniform.size(1)));
      event.replace_output(0, text, uniform.view());
    }
  });
  const Captures captures = run(texts_, request);
  EXPECT_NEAR(captures.texts[4].statistics.at({0, 0, 0, 3}), std::log(70.0), 1e-5);
  EXPECT_FLOAT_EQ(captures.texts[4].statistics.at({1, 1, 1, 3}), 1.0F / 70.0F);
}

TEST_P(AttentionRequest, RefusesRowsThatDoNotExist) {
  Request request = Request::attentions();
  for (const std::int64_t row : {std::int64_t{1}, std::int64_t{-2}, INT64_MAX, INT64_MIN}) {
    request.rows = {{row}};
    const ErrorInfo info = expect_error("RANGE", [&] { run(request); });
    EXPECT_EQ(info.field, "rows");
    EXPECT_THAT(to_string(info), HasSubstr("text 0"));
  }
  request.rows = {{0, 0}};
  EXPECT_THAT(to_string(expect_error("RANGE", [&] { run(request); })), HasSubstr("named twice"));
}

TEST_P(AttentionRequest, RefusesChoicesThatExcludeEachOther) {
  Request request = Request::attentions();
  request.on_demand = true;
  request.rows = {{0}};
  expect_error("REQUEST", [&] { run(request); });
  request = Request::attentions();
  request.top_keys = -1;
  expect_error("RANGE", [&] { run(request); });
  request.top_keys = 0;
  request.statistics = {Statistic::max, Statistic::self, Statistic::max};
  EXPECT_THAT(to_string(expect_error("RANGE", [&] { run(request); })), HasSubstr("max is named twice"));
}

TEST_P(AttentionRequest, RefusesKindsOfTokensWhereThereAreNoIds) {
  Request request;
  request.statistics = {Statistic::sep};
  texts_ = {Sequence{}};
  texts_[0].inputs_embeds = Tensor({4, 32});
  EXPECT_EQ(expect_error("REQUEST", [&] { run(request); }).field, "statistics");
}

TEST_P(AttentionRequest, OfNoRowsGivesEmptyTensors) {
  Request request = Request::attentions();
  request.rows = std::vector<std::int64_t>{};
  request.statistics = {Statistic::max};
  const TextCapture text = run(request).texts.at(2);
  EXPECT_EQ(to_string(text.attentions.shape()), "[3, 4, 0, 9]");
  EXPECT_EQ(to_string(text.statistics.shape()), "[1, 3, 4, 0]");
}

// The last wanted layer reads the columns of Q and K that its heads need, and no others.
TEST_P(AttentionRequest, OfOneHeadDoesNotReadTheWeightsOfTheOthers) {
  const TinySpec spec{.model_type = GetParam()};
  WeightMap weights = random_weights(spec);
  Request request = Request::attentions();
  request.layers = {{1}};
  request.heads = {{2}};
  const std::vector<TextCapture> expected = ModelRun(load_model(spec, weights))(texts_, request).texts;
  for (auto& [tensor_name, tensor] : weights) {
    const bool is_projection =
        tensor_name.find("layer.1.") != std::string::npos &&
        (tensor_name.find("q_lin") != std::string::npos || tensor_name.find("k_lin") != std::string::npos ||
         tensor_name.find("self.query") != std::string::npos ||
         tensor_name.find("self.key") != std::string::npos);
    if (!is_projection) continue;
    for (std::int64_t row = 0; row < tensor.size(0); ++row)
      if (row / 8 != 2) tensor.mutable_view().narrow(0, row, 1).fill(NAN);  // heads of 8 columns
  }
  const Captures found = ModelRun(load_model(spec, weights))(texts_, request);
  for (std::size_t text = 0; text < texts_.size(); ++text) {
    EXPECT_TRUE(same_bits(found.texts[text].attentions, expected[text].attentions));
    EXPECT_TRUE(found.texts[text].notices.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Models, AttentionRequest, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

}  // namespace
}  // namespace attnscope
