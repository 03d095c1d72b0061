// SPDX-License-Identifier: Apache-2.0
//
// Statistics over texts equal the functions of analysis.h on stored weights, and take no memory a text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "attnscope/head_report.h"
#include "checkpoint/memory_use.h"
#include "probe/made_encodings.h"
#include "support/tensors.h"

namespace attnscope {
namespace {

const std::vector<std::int64_t> kLengths{1, 2, 9, 17, 40};

class HeadStatisticsOf : public testing::TestWithParam<const char*> {
 protected:
  HeadReport collect(const HeadReportOptions& options = {}) {
    ModelRun run(model_);
    HeadStatisticsCollector collector(options);
    collector.add(run, texts_);
    return collector.report();
  }

  /// Mean over all rows of what `measure` gives as a mean over the rows of a text.
  std::vector<double> expected(const std::function<Tensor(const TensorView&, const Encoding&)>& measure) {
    std::vector<double> sums(static_cast<std::size_t>(model_.info().num_layers * model_.info().num_heads));
    double rows = 0.0;
    for (const Encoding& text : texts_) {
      const Captures captures = ModelRun(model_)(std::vector<Encoding>{text}, Request::attentions());
      const Tensor means = measure(captures.texts[0].attentions.view(), text);
      for (std::size_t head = 0; head < sums.size(); ++head)
        sums[head] += static_cast<double>(means.f32()[head]) * static_cast<double>(text.size());
      rows += static_cast<double>(text.size());
    }
    for (double& sum : sums) sum /= rows;
    return sums;
  }

  void expect_column(const HeadReport& report, const std::string& name,
                     const std::function<Tensor(const TensorView&, const Encoding&)>& measure) {
    const std::vector<double> values = expected(measure);
    ASSERT_EQ(report.heads.size(), values.size());
    for (std::size_t head = 0; head < values.size(); ++head) {
      const auto numbers = numbers_of(report, report.heads[head]);
      const auto found =
          std::find_if(numbers.begin(), numbers.end(), [&](const auto& n) { return n.first == name; });
      ASSERT_NE(found, numbers.end()) << name;
      EXPECT_NEAR(found->second, values[head], 1e-6) << name << ", head " << head;
    }
  }

  Model model_ = load_model(TinySpec{.model_type = GetParam()});
  std::vector<Encoding> texts_ = made_encodings(model_, kLengths);
};

analysis::TokenSet tokens_with(const Encoding& text, std::int64_t id) {
  analysis::TokenSet set;
  for (const std::int64_t other : text.input_ids) set.push_back(other == id);
  return set;
}

std::vector<std::int64_t> plain_word_ids(const Encoding& text) {
  std::vector<std::int64_t> ids;
  for (const auto& word : text.word_ids) ids.push_back(word.value_or(-1));
  return ids;
}

TEST_P(HeadStatisticsOf, SeveralTextsEqualTheFunctionsOnStoredWeights) {
  const HeadReport report = collect({.same_word = true});
  EXPECT_EQ(report.num_texts, 5);
  EXPECT_EQ(report.num_rows, 1 + 2 + 9 + 17 + 40);
  const std::vector<std::int64_t> specials = model_.tokenizer().encode("").input_ids;
  using Weights = const TensorView&;
  using Text = const Encoding&;
  expect_column(report, "entropy", [](Weights w, Text) { return analysis::entropy(w); });
  expect_column(report, "distance", [](Weights w, Text) { return analysis::distance(w); });
  expect_column(report, "max", [](Weights w, Text) { return analysis::confidence(w); });
  expect_column(report, "self", [](Weights w, Text) { return analysis::mass_at_offset(w, 0); });
  expect_column(report, "previous", [](Weights w, Text) { return analysis::mass_at_offset(w, -1); });
  expect_column(report, "next", [](Weights w, Text) { return analysis::mass_at_offset(w, 1); });
  expect_column(report, "cls", [&](Weights w, Text text) {
    return analysis::mass_on(w, tokens_with(text, specials.front()));
  });
  expect_column(report, "sep", [&](Weights w, Text text) {
    return analysis::mass_on(w, tokens_with(text, specials.back()));
  });
  expect_column(report, "punctuation", [&](Weights w, Text text) {
    return analysis::mass_on(w, tokens_with(text, *model_.tokenizer().token_to_id(".")));
  });
  expect_column(report, "same_word",
                [](Weights w, Text text) { return analysis::mass_on_same_word(w, plain_word_ids(text)); });
  expect_column(report, "relative_entropy", [](Weights w, Text text) {
    Tensor entropy = analysis::entropy(w);
    const double largest = text.size() > 1 ? std::log(static_cast<double>(text.size())) : 1.0;
    for (std::int64_t i = 0; i < entropy.count(); ++i)
      entropy.mutable_view().f32()[i] = static_cast<float>(static_cast<double>(entropy.f32()[i]) / largest);
    return entropy;
  });
  expect_column(report, "first_received", [](Weights w, Text) {
    const Tensor received = analysis::received(w);
    return received.view().select(2, 0).own();
  });
}

TEST_P(HeadStatisticsOf, TextsDoNotDependOnHowTheyAreRunTogether) {
  const HeadReport together = collect();
  const HeadReport alone = collect({.batch_tokens = 1});
  for (std::size_t head = 0; head < together.heads.size(); ++head) {
    EXPECT_EQ(numbers_of(together, together.heads[head]), numbers_of(alone, alone.heads[head]));
    EXPECT_EQ(together.heads[head].pattern, analysis::pattern(together.heads[head].means));
  }
}

TEST_P(HeadStatisticsOf, HeadsTellTheirDistancesOnlyWhenAsked) {
  EXPECT_TRUE(collect().distances.empty());
  const HeadReport report = collect({.distances = true});
  analysis::HeadDistances expected(model_.info().num_layers, model_.info().num_heads);
  for (const TextCapture& text : ModelRun(model_)(texts_, Request::attentions()).texts)
    expected.add(text.attentions.view());
  EXPECT_TRUE(same_bits(report.distances, expected.matrix()));
  EXPECT_EQ(to_string(report.map.shape()), "[12, 2]");
}

INSTANTIATE_TEST_SUITE_P(Families, HeadStatisticsOf, testing::Values("distilbert", "bert"));

TEST(HeadStatistics, CountTheirPatterns) {
  HeadReport report;
  for (const auto pattern : {analysis::Pattern::mixed, analysis::Pattern::sep, analysis::Pattern::sep})
    report.heads.emplace_back().pattern = pattern;
  const auto counts = count_patterns(report);
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0], std::make_pair(analysis::Pattern::sep, std::int64_t{2}));
  EXPECT_EQ(counts[1], std::make_pair(analysis::Pattern::mixed, std::int64_t{1}));
}

TEST(HeadStatistics, OfNothingAreRefused) {
  const HeadStatisticsCollector collector;
  expect_error("NO_TEXT", [&] { static_cast<void>(collector.report()); });
}

std::size_t held_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

TEST(HeadStatistics, HoldNoMoreMemoryAfterManyTexts) {
  if (!kMemoryIsMeasurable) GTEST_SKIP() << "the sanitizer holds memory of its own";
  const Model model = load_model(TinySpec{.layers = 2});
  ModelRun run(model, {.threads = 1});
  HeadStatisticsCollector collector({.same_word = true, .distances = true});
  const std::vector<Encoding> texts = made_encodings(model, std::vector<std::int64_t>(20, 24));
  for (int i = 0; i < 20; ++i) collector.add(run, texts);  // working memory has its size now
  const std::size_t before = held_bytes();
  for (int i = 0; i < 100; ++i) collector.add(run, texts);
  EXPECT_EQ(collector.report().num_texts, 20 * 120);
  // A number of 8 bytes a text would be 16,000.
  EXPECT_LT(held_bytes(), before + 8000);
}

}  // namespace
}  // namespace attnscope
