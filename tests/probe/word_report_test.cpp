// SPDX-License-Identifier: Apache-2.0
#include "attnscope/word_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "attnscope/error.h"
#include "support/tiny_model.h"
#include "support/two_words.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Focus with_tau(double tau, std::int64_t words) {
  Focus focus;
  focus.agreements = {{Measure::attention, Measure::rollout, 1.0},
                      {Measure::attention, Measure::leave_one_out, tau}};
  focus.compared_words = words;
  return focus;
}

TEST(AgreementSentence, SaysWhetherAttentionAgrees) {
  EXPECT_EQ(agreement_sentence(with_tau(0.8, 30)),
            "Attention agrees with leave-one-out here: Kendall's tau is 0.80 over 30 words.");
  EXPECT_THAT(agreement_sentence(with_tau(0.3, 60)), HasSubstr("agrees in part with"));
  EXPECT_THAT(agreement_sentence(with_tau(0.1, 60)), HasSubstr("does not agree with"));
  EXPECT_THAT(agreement_sentence(with_tau(-0.5, 60)), HasSubstr("Attention disagrees with"));
}

// Two random orders of 6 words have a tau beyond 0.71 once in twenty times, of 30 words beyond 0.26.
TEST(AgreementSentence, SaysWhatChanceCanDo) {
  EXPECT_THAT(agreement_sentence(with_tau(0.69, 6)), HasSubstr("over 6 words, which chance alone can give."));
  EXPECT_THAT(agreement_sentence(with_tau(0.73, 6)), Not(HasSubstr("chance")));
  EXPECT_THAT(agreement_sentence(with_tau(-0.25, 30)), HasSubstr("chance"));
  EXPECT_THAT(agreement_sentence(with_tau(0.27, 30)), Not(HasSubstr("chance")));
}

TEST(AgreementSentence, SaysWhenThereIsNothingToCompare) {
  EXPECT_THAT(agreement_sentence(with_tau(std::numeric_limits<double>::quiet_NaN(), 1)),
              HasSubstr("cannot be compared"));
  EXPECT_EQ(agreement_sentence(Focus{}), "");
}

const WordReportOptions kAttention{.measures = {{Measure::attention}}, .word = 1};

TEST(WordReport, NamesWordsWithTheirPlaces) {
  const Model model = load_model({});
  ModelRun run(model);
  const WordReport report = word_report(run, "ab cd", two_words(), kAttention);
  ASSERT_EQ(report.words.size(), 4U);
  EXPECT_EQ(report.words[0].text, "[CLS]");
  EXPECT_FALSE(report.words[0].number.has_value());
  EXPECT_EQ(report.words[2].text, "cd");
  EXPECT_EQ(report.words[2].span, (Span{3, 5}));
  EXPECT_EQ(report.words[2].number, 1);
  EXPECT_THAT(report.words[2].tokens, ElementsAre(2, 3));
  EXPECT_THAT(report.focuses.at(0).words, ElementsAre(2));
}

TEST(WordReport, LayersAndHeadsAreMeaned) {
  const Model model = load_model({});
  ModelRun run(model);
  WordReportOptions options = kAttention;
  options.layers = {{0, 2}};
  options.heads = {{1, 3}};
  const WordReport report = word_report(run, "ab cd", two_words(), options);
  const Tensor weights = run({two_words()}, Request::attentions()).texts[0].attentions;
  double expected = 0.0;  // from "cd" to [CLS]
  for (const std::int64_t layer : {0, 2})
    for (const std::int64_t head : {1, 3})
      for (const std::int64_t piece : {2, 3})
        expected += static_cast<double>(weights.at({layer, head, piece, 0})) / 8.0;
  EXPECT_NEAR(report.focuses.at(0).measures.at(0).scores.at(0), expected, 1e-6);
  EXPECT_EQ(describe(Measure::attention, report), "attention weights, mean over layers 0, 2 and 2 heads");
}

/// Throws as soon as the last layer has run `runs` times: only what follows can meet it.
class ThrowAfterRuns {
 public:
  ThrowAfterRuns(const Model& model, int runs)
      : run_(model, {.poll =
                         [this] {
                           if (runs_left_ == 0) throw std::runtime_error("enough");
                         }}),
        runs_left_(runs),
        hook_(run_.register_forward_hook(model.module(model.parts().layers.back().attention_norm),
                                         [this](HookEvent&) { --runs_left_; })) {}
  ModelRun& run() { return run_; }

 private:
  ModelRun run_;
  int runs_left_;
  HookHandle hook_;
};

TEST(WordReport, EndsWithWhatThePollThrowsAlsoBehindTheRuns) {
  const Model model = load_model({});
  const auto report_of = [&](Measure measure, int runs) {
    ThrowAfterRuns throwing(model, runs);
    static_cast<void>(
        word_report(throwing.run(), "ab cd", two_words(), {.measures = {{measure}}, .word = 1}));
  };
  EXPECT_THROW(report_of(Measure::rollout, 1), std::runtime_error);
  EXPECT_THROW(report_of(Measure::norms, 2), std::runtime_error);
  EXPECT_NO_THROW(report_of(Measure::norms, 3));  // it runs twice
}

TEST(WordReport, RefusesWhatDoesNotFit) {
  const Model model = load_model({});
  ModelRun run(model);
  const auto code = [&](const std::string& text, const WordReportOptions& options) -> std::string {
    try {
      static_cast<void>(word_report(run, text, two_words(), options));
    } catch (const Error& error) {
      return error.code();
    }
    return "";
  };
  EXPECT_EQ(code("ab", kAttention), "SHAPE");
  EXPECT_EQ(code("ab cd", {.layers = {{3}}}), "RANGE");
  EXPECT_EQ(code("ab cd", {.heads = {{}}}), "RANGE");
  EXPECT_EQ(code("ab cd", {.word = 2}), "RANGE");
  EXPECT_EQ(code("ab cd", {.entity = "cd"}), "ENTITY");
  EXPECT_EQ(code("ab cd", {.measures = {{Measure::leave_one_out}}, .word = 1}), "NO_HEAD");
}

}  // namespace
}  // namespace attnscope
