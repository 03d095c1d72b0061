// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "attnscope/probe.h"
#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

constexpr std::int64_t kMask = 63;
using Groups = std::vector<std::vector<std::int64_t>>;

class FaithfulnessOf : public testing::Test {
 protected:
  // The value with the tokens of some groups masked.
  double masked(const std::vector<std::size_t>& chosen) {
    Sequence text = text_;
    for (const std::size_t group : chosen)
      for (const std::int64_t token : groups_[group]) text.input_ids[static_cast<std::size_t>(token)] = kMask;
    return target_value(run_({text}, everything()).texts[0].logits.view(), target_);
  }
  // Mean over the bins (1, 1, 1, 2, 3 of six groups) of value - value without the first, or all but the
  // first.
  double mean_drop(const std::vector<std::size_t>& order, bool keep) {
    double sum = 0.0;
    for (const std::ptrdiff_t size : {1, 1, 1, 2, 3})
      sum += masked({}) - masked(keep ? std::vector<std::size_t>(order.begin() + size, order.end())
                                      : std::vector<std::size_t>(order.begin(), order.begin() + size));
    return sum / 5.0;
  }

  ModelRun run_{load_model({.model_type = "bert", .task = Task::sequence_classification})};
  Sequence text_ = random_text(9, 2);
  Target target_{.of = Target::Of::probability, .label = 1};
  Groups groups_{{1}, {2, 3}, {4}, {5}, {6}, {7}};
  std::vector<double> scores_{0.1, 0.5, -0.2, 0.5, 0.3, 0.0};  // the order is 1, 3, 4, 0, 5, 2
};

TEST_F(FaithfulnessOf, BinsTakeTheTopShareRoundedUp) {
  const Faithfulness result = faithfulness(run_, text_, target_, groups_, scores_, {.replacement_id = kMask});
  EXPECT_EQ(result.bins, (std::vector<double>{0.01, 0.05, 0.1, 0.2, 0.5}));
  const double value = masked({});
  const std::vector<double> without{masked({1}), masked({1}), masked({1}), masked({1, 3}), masked({1, 3, 4})};
  const std::vector<double> only{masked({0, 2, 3, 4, 5}), masked({0, 2, 3, 4, 5}), masked({0, 2, 3, 4, 5}),
                                 masked({0, 2, 4, 5}), masked({0, 2, 5})};
  for (std::size_t bin = 0; bin < 5; ++bin) {
    EXPECT_NEAR(result.comprehensiveness[bin], value - without[bin], 1e-9);
    EXPECT_NEAR(result.sufficiency[bin], value - only[bin], 1e-9);
  }
  EXPECT_NEAR(result.mean_comprehensiveness, mean_drop({1, 3, 4, 0, 5, 2}, false), 1e-9);
  EXPECT_NEAR(result.mean_sufficiency, mean_drop({1, 3, 4, 0, 5, 2}, true), 1e-9);
}

TEST_F(FaithfulnessOf, LimitsAreThoseOfAllOrdersWhereTheBeamIsWide) {
  const Faithfulness result =
      faithfulness(run_, text_, target_, groups_, scores_, {.replacement_id = kMask, .beam = 1000});
  std::vector<std::size_t> order(6);
  std::iota(order.begin(), order.end(), std::size_t{0});
  double limits[2][2] = {{INFINITY, -INFINITY}, {INFINITY, -INFINITY}};
  do {
    for (const bool keep : {false, true}) {
      if (!std::is_sorted(order.begin() + 3, order.end())) continue;  // the last three do not matter
      limits[keep][0] = std::min(limits[keep][0], mean_drop(order, keep));
      limits[keep][1] = std::max(limits[keep][1], mean_drop(order, keep));
    }
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_NEAR(result.normalised_comprehensiveness,
              (result.mean_comprehensiveness - limits[0][0]) / (limits[0][1] - limits[0][0]), 1e-6);
  EXPECT_NEAR(result.normalised_sufficiency,
              (result.mean_sufficiency - limits[1][0]) / (limits[1][1] - limits[1][0]), 1e-6);
}

TEST_F(FaithfulnessOf, NormalisedValuesAreSharesWhateverTheBeam) {
  for (const std::int64_t beam : {1, 2, 5}) {
    const Faithfulness result =
        faithfulness(run_, text_, target_, groups_, scores_, {.replacement_id = kMask, .beam = beam});
    EXPECT_GE(result.normalised_comprehensiveness, 0.0);
    EXPECT_LE(result.normalised_comprehensiveness, 1.0);
    EXPECT_GE(result.normalised_sufficiency, 0.0);
    EXPECT_LE(result.normalised_sufficiency, 1.0);
  }
}

TEST_F(FaithfulnessOf, LeavingOutTakesTokensAway) {
  const Faithfulness result = faithfulness(run_, text_, target_, groups_, scores_);
  Sequence without = text_;
  without.input_ids.erase(without.input_ids.begin() + 2, without.input_ids.begin() + 4);
  EXPECT_NEAR(result.comprehensiveness[0],
              masked({}) - target_value(run_({without}, everything()).texts[0].logits.view(), target_), 1e-6);
}

TEST_F(FaithfulnessOf, AGroupThatCannotBeLeftOutStays) {
  Groups with_pooled = groups_;
  with_pooled.push_back({0, 8});
  std::vector<double> scores = scores_;
  scores.push_back(9.0);
  const Faithfulness result = faithfulness(run_, text_, target_, with_pooled, scores);
  const Faithfulness expected = faithfulness(run_, text_, target_, groups_, scores_);
  EXPECT_EQ(result.comprehensiveness, expected.comprehensiveness);
  EXPECT_EQ(result.sufficiency, expected.sufficiency);
}

TEST_F(FaithfulnessOf, ARankingThatChangesNothingIsNaN) {
  for (auto& id : text_.input_ids) id = kMask;
  const Faithfulness result = faithfulness(run_, text_, target_, groups_, scores_, {.replacement_id = kMask});
  EXPECT_EQ(result.mean_comprehensiveness, 0.0);
  EXPECT_TRUE(std::isnan(result.normalised_comprehensiveness));
  EXPECT_TRUE(std::isnan(result.normalised_sufficiency));
}

TEST_F(FaithfulnessOf, RefusesWhatCannotBeRanked) {
  const auto refuse = [&](const char* code, const Groups& groups, const std::vector<double>& scores,
                          const FaithfulnessOptions& options) {
    expect_error(code,
                 [&] { static_cast<void>(faithfulness(run_, text_, target_, groups, scores, options)); });
  };
  refuse("SCORES", groups_, {1.0}, {});
  refuse("SCORES", {{1}, {2}}, {1.0, std::numeric_limits<double>::quiet_NaN()}, {});
  refuse("RANGE", groups_, scores_, {.beam = 0});
  refuse("GROUP", {}, {}, {});
  refuse("GROUP", {{0}}, {1.0}, {});
  refuse("GROUP", {{9}}, {1.0}, {.replacement_id = kMask});
}

}  // namespace
}  // namespace attnscope
