// SPDX-License-Identifier: Apache-2.0
//
// Sequence::num_unattended and pooled_token: tokens that attend and are not attended to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::HasSubstr;

/// Random ids, of which the last `unattended` are attended to by none.
Sequence text_with_unattended(std::int64_t length, std::int64_t unattended) {
  Sequence text = random_text(length, 5);
  text.num_unattended = unattended;
  return text;
}

/// The text less its unattended tokens.
Sequence attended_part(Sequence text) {
  text.input_ids.resize(text.input_ids.size() - static_cast<std::size_t>(text.num_unattended));
  text.num_unattended = 0;
  return text;
}

class UnattendedTokens : public testing::TestWithParam<const char*> {
 protected:
  TextCapture run(const Sequence& text) { return run_({text}, everything()).texts.at(0); }

  Model model_ = load_model({.model_type = GetParam(), .task = Task::token_classification});
  ModelRun run_{model_};
};

TEST_P(UnattendedTokens, LeaveTheBitsOfTheOthersAsTheyAre) {
  for (const auto& [length, unattended] :
       {std::pair<std::int64_t, std::int64_t>{5, 1}, {9, 4}, {65, 1}, {130, 66}, {2, 1}}) {
    const Sequence text = text_with_unattended(length, unattended);
    const std::int64_t attended = length - unattended;
    const TextCapture with = run(text);
    const TextCapture without = run(attended_part(text));
    EXPECT_TRUE(same_bits(with.attentions.view().narrow(2, 0, attended).narrow(3, 0, attended).own(),
                          without.attentions));
    EXPECT_TRUE(same_bits(with.hidden_states.view().narrow(1, 0, attended).own(), without.hidden_states));
    EXPECT_TRUE(same_bits(with.logits.view().narrow(0, 0, attended).own(), without.logits));
  }
}

TEST_P(UnattendedTokens, HaveRowsThatSumToOneAndColumnsOfZeros) {
  const Tensor weights = run(text_with_unattended(20, 3)).attentions;  // [3, 4, 20, 20]
  ASSERT_EQ(to_string(weights.shape()), "[3, 4, 20, 20]");
  for (std::int64_t row = 0; row < weights.count() / 20; ++row) {
    const float* values = weights.f32() + row * 20;
    ASSERT_NEAR(std::accumulate(values, values + 17, 0.0), 1.0, 1e-6);
    for (std::int64_t key = 17; key < 20; ++key) ASSERT_EQ(values[key], 0.0F);
  }
}

TEST_P(UnattendedTokens, OfOneTextDoNotChangeTheTextsBeside) {
  const std::vector<Sequence> texts{text_with_unattended(9, 2), random_text(12, 1),
                                    text_with_unattended(70, 7)};
  const Captures together = run_(texts, everything());
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_TRUE(same_bits(together.texts.at(i), run(texts[i]))) << i;
}

TEST_P(UnattendedTokens, HaveTheSameBitsUnderHooks) {
  const Sequence text = text_with_unattended(70, 3);
  const TextCapture expected = run(text);
  const HookHandle look = run_.register_forward_hook("**", [](HookEvent&) {});
  EXPECT_TRUE(same_bits(run(text), expected));
  // Weights that are written count as replaced, and the context follows from them.
  const HookHandle write = run_.register_forward_hook(
      "**.attn", [](HookEvent& event) { event.edit_output(0).narrow(2, 67, 3).fill(0.5F); });
  const TextCapture found = run(text);
  EXPECT_TRUE(same_bits(found.logits, expected.logits)) << "the columns of unattended tokens mean nothing";
  EXPECT_TRUE(same_bits(found.hidden_states, expected.hidden_states));
}

TEST_P(UnattendedTokens, CannotBeFewerThanNoneNorAll) {
  const auto refused = [&](const Sequence& text) {
    return to_string(expect_error("SEQUENCE", [&] { run_({random_text(2, 1), text}); }));
  };
  EXPECT_THAT(refused(text_with_unattended(4, 4)),
              HasSubstr("text 1: num_unattended is 4, expected 0 to 3; leave at least one token"));
  EXPECT_THAT(refused(text_with_unattended(4, 5)), HasSubstr("num_unattended is 5"));
  EXPECT_THAT(refused(text_with_unattended(4, -1)), HasSubstr("num_unattended is -1"));
  EXPECT_THAT(refused(text_with_unattended(0, 1)), HasSubstr("num_unattended is 1, expected 0 to 0"));
  EXPECT_THAT(refused({.input_ids = {1, 2}, .pooled_token = 2}),
              HasSubstr("text 1: pooled_token is 2, expected 0 to 1"));
  EXPECT_THAT(refused({.input_ids = {1, 2}, .pooled_token = -1}), HasSubstr("pooled_token is -1"));
}

INSTANTIATE_TEST_SUITE_P(Models, UnattendedTokens, testing::Values("distilbert", "bert"),
                         [](const auto& param_info) { return std::string(param_info.param); });

/// activation(weight row + bias), in double.
Tensor dense(const WeightMap& weights, const std::string& path, const TensorView& row,
             double (*activation)(double)) {
  const Tensor& weight = weights.at(path + ".weight");
  Tensor output({weight.size(0)});
  for (std::int64_t i = 0; i < output.count(); ++i) {
    double sum = weights.at(path + ".bias").at({i});
    for (std::int64_t k = 0; k < weight.size(1); ++k) sum += double{weight.at({i, k})} * double{row.at({k})};
    output.mutable_view().f32()[i] = static_cast<float>(activation(sum));
  }
  return output;
}

double tangent(double x) { return std::tanh(x); }
double positive(double x) { return std::max(x, 0.0); }
double same(double x) { return x; }

TEST(PooledToken, IsTheOneThatBertsPoolerReads) {
  const TinySpec spec{.model_type = "bert"};
  const WeightMap weights = random_weights(spec);
  ModelRun run(load_model(spec, weights));
  for (const std::int64_t token : {0, 3, 6}) {
    Sequence text = text_with_unattended(7, 1);
    text.pooled_token = token;
    const TextCapture found = run({random_text(3, 1), text}, everything()).texts.at(1);
    EXPECT_LT(max_abs_difference(
                  found.pooler_output,
                  dense(weights, "pooler.dense", found.last_hidden_state.view().select(0, token), tangent)),
              1e-5F);
  }
}

TEST(PooledToken, IsTheOneThatDistilBertsClassifierReads) {
  const TinySpec spec{.task = Task::sequence_classification};
  const WeightMap weights = random_weights(spec);
  ModelRun run(load_model(spec, weights));
  for (const std::int64_t token : {0, 3, 6}) {
    Sequence text = text_with_unattended(7, 1);
    text.pooled_token = token;
    const TextCapture found = run({random_text(3, 1), text}, everything()).texts.at(1);
    const Tensor pooled =
        dense(weights, "pre_classifier", found.last_hidden_state.view().select(0, token), positive);
    EXPECT_LT(max_abs_difference(found.logits, dense(weights, "classifier", pooled.view(), same)), 1e-5F);
  }
}

}  // namespace
}  // namespace attnscope
