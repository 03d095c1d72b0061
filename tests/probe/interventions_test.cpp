// SPDX-License-Identifier: Apache-2.0
#include "attnscope/interventions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/tensors.h"
#include "support/tiny_model.h"

namespace attnscope {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kAttn = "transformer.layer.1.attention.attn";
constexpr std::int64_t kHeadDim = 8;

TinySpec spec_of(const std::string& family) {
  return {.model_type = family, .task = Task::token_classification};
}

Interventions list_of(const std::vector<Edit>& edits) {
  Interventions result;
  for (const Edit& edit : edits) result.add(edit);
  return result;
}

Tensor ramp(const Shape& shape, float step = 0.01F) {
  Tensor tensor(shape);
  for (std::int64_t i = 0; i < tensor.count(); ++i)
    tensor.mutable_view().f32()[i] = step * static_cast<float>(i + 1);
  return tensor;
}

/// Runs of one model with edits and without.
class Edited : public testing::Test {
 protected:
  TextCapture edited(const std::vector<Edit>& edits, const Sequence& text) {
    return edited(edits, std::vector<Sequence>{text}).texts[0];
  }
  Captures edited(const std::vector<Edit>& edits, const std::vector<Sequence>& texts) {
    const auto applied = list_of(edits).apply(run_);
    return run_(texts, everything());
  }
  TextCapture plain(const Sequence& text) {
    return ModelRun(model_, {.threads = 1})({text}, everything()).texts[0];
  }

  Model model_ = load_model(spec_of("distilbert"));
  ModelRun run_{model_, {.threads = 1}};
  Sequence text_ = random_text(6, 1);
};

class EditedFamily : public testing::TestWithParam<std::string> {};

// The weights of one head, by the definition, where pairs are left out of the softmax.
Tensor softmax_without(const Tensor& queries, const Tensor& keys, std::int64_t head,
                       const std::vector<std::pair<std::int64_t, std::int64_t>>& pairs) {
  const std::int64_t n = queries.size(0);
  Tensor result({n, n});
  for (std::int64_t i = 0; i < n; ++i) {
    std::vector<double> scores(static_cast<std::size_t>(n), -std::numeric_limits<double>::infinity());
    for (std::int64_t j = 0; j < n; ++j) {
      if (std::find(pairs.begin(), pairs.end(), std::pair{i, j}) != pairs.end()) continue;
      double dot = 0.0;
      for (std::int64_t d = 0; d < queries.size(2); ++d)
        dot += static_cast<double>(queries.at({i, head, d})) * static_cast<double>(keys.at({j, head, d}));
      scores[static_cast<std::size_t>(j)] = dot / std::sqrt(static_cast<double>(queries.size(2)));
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0.0;
    for (const double score : scores) sum += std::isinf(largest) ? 0.0 : std::exp(score - largest);
    for (std::int64_t j = 0; j < n; ++j)
      result.mutable_view().f32()[i * n + j] =
          sum == 0.0 ? 0.0F
                     : static_cast<float>(std::exp(scores[static_cast<std::size_t>(j)] - largest) / sum);
  }
  return result;
}

TEST_P(EditedFamily, ZeroedHeadsEqualTheModelWithoutThem) {
  const TinySpec spec = spec_of(GetParam());
  const Model model = load_model(spec);
  WeightMap pruned = random_weights(spec);
  Tensor& output = pruned.at(model.parts().layers[1].output + ".weight");
  for (const std::int64_t head : {0, 3})
    output.mutable_view().narrow(1, head * kHeadDim, kHeadDim).fill(0.0F);
  const Sequence text = random_text(7, 2);
  const TextCapture expected = ModelRun(load_model(spec, pruned))({text}, everything()).texts[0];

  ModelRun run(model);
  const auto applied = list_of({{.kind = EditKind::zero_heads, .layer = 1, .heads = {0, 3}}}).apply(run);
  const TextCapture masked = run({text}, everything()).texts[0];
  EXPECT_LT(max_abs_difference(masked.logits, expected.logits), 1e-6F);
  EXPECT_LT(max_abs_difference(masked.hidden_states, expected.hidden_states), 1e-6F);
  EXPECT_GT(max_abs_difference(masked.logits, ModelRun(model)({text}, everything()).texts[0].logits), 1e-3F);
}

INSTANTIATE_TEST_SUITE_P(Of, EditedFamily, testing::Values("distilbert", "bert"));

TEST_F(Edited, NoEditChangesNothing) { EXPECT_TRUE(same_bits(edited({}, text_), plain(text_))); }

TEST_F(Edited, AllHeadsAreMeantWhereNoneIsNamed) {
  const TextCapture named =
      edited({{.kind = EditKind::zero_heads, .layer = 2, .heads = {0, 1, 2, 3}}}, text_);
  EXPECT_TRUE(same_bits(edited({{.kind = EditKind::zero_heads, .layer = 2}}, text_), named));
}

TEST_F(Edited, MeanHeadsTakeTheValueInEveryRow) {
  const Tensor means = ramp({2, kHeadDim});
  Tensor contexts;
  const auto applied =
      list_of({{.kind = EditKind::mean_heads, .layer = 1, .heads = {3, 1}, .value = means}}).apply(run_);
  const HookHandle watch =
      run_.register_forward_pre_hook("transformer.layer.1.attention.out_lin",
                                     [&](HookEvent& event) { contexts = event.input(0).text(0).own(); });
  run_({text_}, everything());
  for (std::int64_t row = 0; row < 6; ++row)
    for (std::int64_t d = 0; d < kHeadDim; ++d) {
      EXPECT_EQ(contexts.at({row, 3 * kHeadDim + d}), means.at({0, d}));
      EXPECT_EQ(contexts.at({row, 1 * kHeadDim + d}), means.at({1, d}));
    }
}

TEST_F(Edited, MeanHeadsOfZeroAreZeroedHeads) {
  const Edit means{.kind = EditKind::mean_heads, .layer = 1, .heads = {2}, .value = Tensor({1, kHeadDim})};
  EXPECT_TRUE(same_bits(edited({means}, text_),
                        edited({{.kind = EditKind::zero_heads, .layer = 1, .heads = {2}}}, text_)));
}

TEST_F(Edited, UniformHeadsLookAtAllTokensAlike) {
  const TextCapture capture = edited({{.kind = EditKind::uniform_heads, .layer = 1, .heads = {2}}}, text_);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t j = 0; j < 6; ++j) EXPECT_EQ(capture.attentions.at({1, 2, i, j}), 1.0F / 6.0F);
  const TextCapture before = plain(text_);
  EXPECT_TRUE(same_bits(capture.attentions.view().select(0, 1).select(0, 1),
                        before.attentions.view().select(0, 1).select(0, 1)));
  EXPECT_GT(max_abs_difference(capture.logits, before.logits), 1e-3F);
}

TEST_F(Edited, UniformHeadsDoNotLookAtUnattendedTokens) {
  text_.num_unattended = 2;
  const TextCapture capture = edited({{.kind = EditKind::uniform_heads, .layer = 1}}, text_);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t j = 0; j < 6; ++j) EXPECT_EQ(capture.attentions.at({1, 0, i, j}), j < 4 ? 0.25F : 0.0F);
}

TEST_F(Edited, KnockedOutPairsAreLeftOutOfTheSoftmax) {
  Tensor queries;
  Tensor keys;
  const HookHandle watch = run_.register_forward_hook(kAttn, [&](HookEvent& event) {
    queries = event.input(0).text(0).own();
    keys = event.input(1).text(0).own();
  });
  // Two edits of one row are one softmax.
  const TextCapture capture =
      edited({{.kind = EditKind::knock_out, .layer = 1, .heads = {0, 2}, .pairs = {{0, 1}, {3, 3}, {-1, -2}}},
              {.kind = EditKind::knock_out, .layer = 1, .pairs = {{0, 5}, {3, 0}}}},
             text_);
  for (std::int64_t head = 0; head < 4; ++head) {
    std::vector<std::pair<std::int64_t, std::int64_t>> pairs{{0, 5}, {3, 0}};
    if (head % 2 == 0) pairs.insert(pairs.end(), {{0, 1}, {3, 3}, {5, 4}});
    const Tensor expected = softmax_without(queries, keys, head, pairs);
    const Tensor found = capture.attentions.view().select(0, 1).select(0, head).own();
    EXPECT_LT(max_abs_difference(found, expected), 1e-6F) << "head " << head;
    EXPECT_EQ(found.at({0, 5}), 0.0F);
  }
  EXPECT_GT(max_abs_difference(capture.logits, plain(text_).logits), 1e-4F);
}

TEST_F(Edited, RowsWhoseWeightWasAllKnockedOutAreComputedAnew) {
  // Scores so far apart that all other weights of a row are 0 in float.
  WeightMap weights = random_weights(spec_of("distilbert"));
  for (const char* name : {"q_lin", "k_lin"}) {
    Tensor& matrix = weights.at(std::string("distilbert.transformer.layer.1.attention.") + name + ".weight");
    float* values = matrix.mutable_view().f32();
    for (std::int64_t i = 0; i < matrix.count(); ++i) values[i] *= 20.0F;
  }
  ModelRun run(load_model(spec_of("distilbert"), weights), {.threads = 1});
  Tensor queries;
  Tensor keys;
  Tensor before;
  const HookHandle watch = run.register_forward_hook(kAttn, [&](HookEvent& event) {
    queries = event.input(0).text(0).own();
    keys = event.input(1).text(0).own();
    before = event.output(0).text(0).own();
  });
  run({text_}, everything());
  std::int64_t strongest = 0;
  for (std::int64_t key = 0; key < 6; ++key)
    if (before.at({0, 2, key}) > before.at({0, 2, strongest})) strongest = key;
  float rest = 0.0F;
  for (std::int64_t key = 0; key < 6; ++key) rest += key == strongest ? 0.0F : before.at({0, 2, key});
  ASSERT_LT(rest, 1e-25F) << "the model of this test has weights to scale up";

  const auto applied =
      list_of({{.kind = EditKind::knock_out, .layer = 1, .heads = {0}, .pairs = {{2, strongest}}}})
          .apply(run);
  const TextCapture capture = run({text_}, everything()).texts[0];
  const Tensor expected = softmax_without(queries, keys, 0, {{2, strongest}});
  float sum = 0.0F;
  for (std::int64_t key = 0; key < 6; ++key) {
    EXPECT_NEAR(capture.attentions.at({1, 0, 2, key}), expected.at({2, key}), 1e-6F);
    sum += capture.attentions.at({1, 0, 2, key});
  }
  EXPECT_NEAR(sum, 1.0F, 1e-6F);
}

TEST_F(Edited, ARowWithoutAnyKeyLeftIsZeroAndNotNaN) {
  const TextCapture capture = edited({{.kind = EditKind::knock_out,
                                       .layer = 1,
                                       .heads = {1},
                                       .pairs = {{2, 0}, {2, 1}, {2, 2}, {2, 3}, {2, 4}, {2, 5}}}},
                                     text_);
  for (std::int64_t key = 0; key < 6; ++key) EXPECT_EQ(capture.attentions.at({1, 1, 2, key}), 0.0F);
  for (std::int64_t i = 0; i < capture.logits.count(); ++i)
    ASSERT_TRUE(std::isfinite(capture.logits.f32()[i]));
}

TEST_F(Edited, ZeroedWeightsDoNotScaleUpTheRest) {
  const TextCapture before = plain(text_);
  const TextCapture after =
      edited({{.kind = EditKind::zero_weights, .layer = 1, .heads = {2}, .pairs = {{1, 4}, {-1, 0}}}}, text_);
  for (std::int64_t i = 0; i < 6; ++i)
    for (std::int64_t j = 0; j < 6; ++j) {
      const bool zeroed = (i == 1 && j == 4) || (i == 5 && j == 0);
      EXPECT_EQ(after.attentions.at({1, 2, i, j}), zeroed ? 0.0F : before.attentions.at({1, 2, i, j}));
    }
  EXPECT_GT(max_abs_difference(after.logits, before.logits), 1e-5F);
}

TEST_F(Edited, TheOrderOfEditsDoesNotMatter) {
  const Edit knock{.kind = EditKind::knock_out, .layer = 1, .heads = {2}, .pairs = {{1, 4}}};
  const Edit zero{.kind = EditKind::zero_weights, .layer = 1, .heads = {2}, .pairs = {{1, 0}}};
  EXPECT_TRUE(same_bits(edited({knock, zero}, text_), edited({zero, knock}, text_)));
}

TEST_F(Edited, ARunPatchedWithItselfIsBitIdentical) {
  for (const char* path : {"transformer.layer.1", "transformer.layer.0.ffn", "embeddings", "classifier",
                           "transformer.layer.1.attention.out_lin", "transformer.layer.2.sa_layer_norm"}) {
    const Tensor value = activations(run_, text_, {path}).at(0);
    EXPECT_TRUE(
        same_bits(edited({{.kind = EditKind::patch, .path = path, .value = value}}, text_), plain(text_)))
        << path;
  }
}

TEST_F(Edited, APatchOfALayerGivesWhatTheOtherTextGives) {
  const Sequence other = random_text(6, 9);
  const Tensor states = activations(run_, other, {"transformer.layer.1"}).at(0);
  const TextCapture patched =
      edited({{.kind = EditKind::patch, .path = "transformer.layer.1", .value = states}}, text_);
  EXPECT_TRUE(same_bits(patched.logits, plain(other).logits));
}

TEST_F(Edited, APatchOfRowsLeavesTheOthers) {
  const Tensor rows = ramp({2, 32});
  const TextCapture before = plain(text_);
  const TextCapture after = edited(
      {{.kind = EditKind::patch, .path = "transformer.layer.1", .rows = {-1, 2}, .value = rows}}, text_);
  const TensorView states = after.hidden_states.view().select(0, 2);
  EXPECT_TRUE(same_bits(states.select(0, 5), rows.view().select(0, 0)));
  EXPECT_TRUE(same_bits(states.select(0, 2), rows.view().select(0, 1)));
  for (const std::int64_t row : {0, 1, 3, 4})
    EXPECT_TRUE(same_bits(states.select(0, row), before.hidden_states.view().select(0, 2).select(0, row)));
}

TEST_F(Edited, APatchOfRowsOfWeightsReplacesQueries) {
  Tensor rows({4, 1, 6});
  rows.mutable_view().fill(1.0F / 6.0F);
  const TextCapture after =
      edited({{.kind = EditKind::patch, .path = kAttn, .rows = {3}, .value = rows}}, text_);
  EXPECT_EQ(after.attentions.at({1, 2, 3, 4}), 1.0F / 6.0F);
  EXPECT_EQ(after.attentions.at({1, 2, 2, 4}), plain(text_).attentions.at({1, 2, 2, 4}));
}

std::vector<Edit> edits_of_every_kind() {
  return {{.kind = EditKind::zero_heads, .layer = 0, .heads = {1}},
          {.kind = EditKind::mean_heads, .layer = 0, .heads = {2}, .value = ramp({1, kHeadDim})},
          {.kind = EditKind::uniform_heads, .layer = 1, .heads = {0}},
          {.kind = EditKind::knock_out, .layer = 1, .heads = {1}, .pairs = {{0, 1}, {2, -1}}},
          {.kind = EditKind::zero_weights, .layer = 1, .heads = {2}, .pairs = {{1, 1}}},
          {.kind = EditKind::patch, .path = "transformer.layer.2", .rows = {0}, .value = ramp({1, 32})}};
}

TEST_F(Edited, ATextInABatchGetsTheBitsThatItGetsAlone) {
  const std::vector<Sequence> texts = random_texts({7, 3, 5});
  const Captures together = edited(edits_of_every_kind(), texts);
  for (std::size_t i = 0; i < texts.size(); ++i)
    EXPECT_TRUE(same_bits(together.texts[i], edited(edits_of_every_kind(), texts[i]))) << "text " << i;
}

TEST_F(Edited, EditsOfOneTextLeaveTheOthers) {
  const std::vector<Sequence> texts = random_texts({7, 3, 5});
  for (Edit edit : edits_of_every_kind()) {
    edit.text = 1;
    const Captures captures = edited({edit}, texts);
    EXPECT_TRUE(same_bits(captures.texts[0], plain(texts[0]))) << name(edit.kind);
    EXPECT_TRUE(same_bits(captures.texts[2], plain(texts[2]))) << name(edit.kind);
    EXPECT_GT(max_abs_difference(captures.texts[1].logits, plain(texts[1]).logits), 1e-6F) << name(edit.kind);
    edit.text.reset();
    EXPECT_TRUE(same_bits(captures.texts[1], edited({edit}, texts[1]))) << name(edit.kind);
  }
}

TEST_F(Edited, EditsGoWithTheirHandles) {
  edited(edits_of_every_kind(), text_);
  EXPECT_TRUE(same_bits(run_({text_}, everything()).texts[0], plain(text_)));
}

TEST_F(Edited, ActivationsAreThoseOfTheRun) {
  const std::vector<Tensor> values = activations(
      run_, text_, {"transformer.layer.0", kAttn, "distilbert.transformer.layer.2", "classifier"});
  const TextCapture capture = plain(text_);
  EXPECT_TRUE(same_bits(values[0].view(), capture.hidden_states.view().select(0, 1)));
  EXPECT_TRUE(same_bits(values[1].view(), capture.attentions.view().select(0, 1)));
  EXPECT_TRUE(same_bits(values[2].view(), capture.hidden_states.view().select(0, 3)));
  EXPECT_TRUE(same_bits(values[3], capture.logits));
  expect_error("HOOK_PATH", [&] { static_cast<void>(activations(run_, text_, {"transformer.layer.9"})); });
}

// ---- Errors

void expect_refused(const Edit& edit, const std::string& what) {
  Interventions edits;
  EXPECT_THAT(to_string(expect_error("EDIT", [&] { edits.add(edit); })), HasSubstr(what));
  EXPECT_TRUE(edits.edits().empty());
}

TEST(Interventions, RefuseFieldsThatTheKindDoesNotHave) {
  expect_refused({.kind = EditKind::zero_heads, .pairs = {{0, 0}}}, "zero_heads has no field 'pairs'");
  expect_refused({.kind = EditKind::zero_heads, .path = "embeddings"}, "no field 'path'");
  expect_refused({.kind = EditKind::uniform_heads, .output = 1}, "no field 'output'");
  expect_refused({.kind = EditKind::uniform_heads, .rows = {1}}, "no field 'rows'");
  expect_refused({.kind = EditKind::knock_out, .pairs = {{0, 0}}, .value = Tensor({1, 8})},
                 "no field 'value'");
  expect_refused({.kind = EditKind::patch, .layer = 1, .path = "a", .value = Tensor({1})},
                 "no field 'layer'");
  expect_refused({.kind = EditKind::patch, .heads = {1}, .path = "a", .value = Tensor({1})},
                 "no field 'heads'");
}

TEST(Interventions, RefuseWhatTheKindLacks) {
  expect_refused({.kind = EditKind::knock_out}, "knock_out needs the field 'pairs'");
  expect_refused({.kind = EditKind::zero_weights}, "needs the field 'pairs'");
  expect_refused({.kind = EditKind::mean_heads}, "needs the field 'value'");
  expect_refused({.kind = EditKind::patch, .path = "a"}, "needs the field 'value'");
  expect_refused({.kind = EditKind::patch, .value = Tensor({1})}, "needs the field 'path'");
}

TEST(Interventions, RefuseValuesThatCannotBe) {
  Tensor infinite({1, 8});
  infinite.mutable_view().fill(std::numeric_limits<float>::infinity());
  expect_refused({.kind = EditKind::mean_heads, .heads = {0}, .value = infinite}, "NaN or infinity");
  expect_refused({.kind = EditKind::mean_heads, .heads = {0}, .value = Tensor({2, 8})}, "[2, 8]");
  expect_refused({.kind = EditKind::mean_heads, .heads = {0}, .value = Tensor({8})}, "[8]");
  expect_refused({.kind = EditKind::mean_heads, .heads = {0}, .value = Tensor({1, 8}, DType::i64)}, "I64");
  expect_refused({.kind = EditKind::zero_heads, .heads = {2, 2}}, "a head is named twice");
  expect_refused({.kind = EditKind::patch, .path = "a", .rows = {1, 1}, .value = Tensor({2, 4})},
                 "a row is named twice");
  expect_refused({.kind = EditKind::knock_out, .pairs = {{1, 2}, {1, 2}}}, "a pair is named twice");
  expect_refused({.kind = EditKind::zero_heads, .text = -1}, "text -1");
  expect_refused({.kind = EditKind::patch, .path = "a", .output = -1, .value = Tensor({1})}, "output -1");
}

void expect_conflict(const Edit& first, const Edit& second) {
  Interventions edits;
  edits.add(first);
  const ErrorInfo error = expect_error("EDIT_CONFLICT", [&] { edits.add(second); });
  EXPECT_THAT(to_string(error), AllOf(HasSubstr("edits[0]"), HasSubstr("edits[1]"),
                                      HasSubstr(name(first.kind)), HasSubstr(name(second.kind))));
  EXPECT_EQ(edits.edits().size(), 1U) << "the edit that was refused stays out";
}

const Edit kZero{.kind = EditKind::zero_heads, .layer = 1, .heads = {0, 1}};
const Edit kKnock{.kind = EditKind::knock_out, .layer = 1, .heads = {1, 2}, .pairs = {{0, 1}, {2, 3}}};
const Edit kPatch{.kind = EditKind::patch, .path = "a.b", .rows = {1, 2}, .value = Tensor({2, 4})};

TEST(Interventions, ThatWriteTheSameHeadsAreAConflict) {
  expect_conflict(kZero, {.kind = EditKind::zero_heads, .layer = 1, .heads = {1}});
  expect_conflict(kZero, {.kind = EditKind::mean_heads, .layer = 1, .heads = {1}, .value = Tensor({1, 8})});
  expect_conflict(kZero, {.kind = EditKind::uniform_heads, .layer = 1});
  expect_conflict(kZero, kKnock);
  expect_conflict({.kind = EditKind::uniform_heads, .layer = 1, .text = 2}, kKnock);
}

TEST(Interventions, ThatWriteTheSamePairsAreAConflict) {
  expect_conflict(kKnock, {.kind = EditKind::knock_out, .layer = 1, .pairs = {{2, 3}}});
  expect_conflict(kKnock, {.kind = EditKind::zero_weights, .layer = 1, .heads = {2}, .pairs = {{0, 1}}});
}

TEST(Interventions, ThatWriteTheSameRowsAreAConflict) {
  expect_conflict(kPatch, {.kind = EditKind::patch, .path = "a.b", .rows = {2}, .value = Tensor({1, 4})});
  expect_conflict(kPatch, {.kind = EditKind::patch, .path = "a.b", .value = Tensor({5, 4})});
}

TEST(Interventions, ThatWriteDifferentThingsAreNone) {
  Interventions edits;
  edits.add(kZero);
  edits.add({.kind = EditKind::zero_heads, .layer = 1, .heads = {2}, .text = 0});
  edits.add({.kind = EditKind::zero_heads, .layer = 1, .heads = {2}, .text = 1});
  edits.add({.kind = EditKind::zero_heads, .layer = 2, .heads = {0, 1}});
  edits.add({.kind = EditKind::knock_out, .layer = 1, .heads = {3}, .pairs = {{0, 1}}});
  edits.add({.kind = EditKind::zero_weights, .layer = 1, .heads = {3}, .pairs = {{0, 2}}});
  edits.add(kPatch);
  edits.add({.kind = EditKind::patch, .path = "a.b", .output = 1, .value = Tensor({5, 4})});
  edits.add({.kind = EditKind::patch, .path = "a.b", .rows = {0}, .value = Tensor({1, 4})});
  edits.add({.kind = EditKind::patch, .path = "a.c", .value = Tensor({5, 4})});
  EXPECT_EQ(edits.edits().size(), 10U);
}

TEST_F(Edited, LayersAndHeadsThatTheModelDoesNotHaveAreRefused) {
  const auto refuse = [&](const char* code, const Edit& edit) {
    expect_error(code, [&] { static_cast<void>(list_of({edit}).apply(run_)); });
  };
  refuse("RANGE", {.kind = EditKind::zero_heads, .layer = 3});
  refuse("RANGE", {.kind = EditKind::zero_heads, .layer = -1});
  refuse("RANGE", {.kind = EditKind::zero_heads, .layer = 0, .heads = {4}});
  refuse("RANGE", {.kind = EditKind::knock_out, .layer = 0, .heads = {-1}, .pairs = {{0, 0}}});
  refuse("EDIT", {.kind = EditKind::mean_heads, .layer = 0, .heads = {1}, .value = Tensor({1, 7})});
  refuse("EDIT", {.kind = EditKind::mean_heads, .layer = 0, .value = Tensor({3, 8})});
  refuse("HOOK_PATH", {.kind = EditKind::patch, .path = "transformer.layer.7", .value = Tensor({6, 32})});
  EXPECT_TRUE(same_bits(run_({text_}, everything()).texts[0], plain(text_))) << "nothing was put in";
}

TEST_F(Edited, ConflictsThatOnlyTheModelShowsAreRefused) {
  const Tensor value({6, 32});
  expect_error("EDIT_CONFLICT", [&] {
    static_cast<void>(
        list_of({{.kind = EditKind::patch, .path = "transformer.layer.1", .value = value},
                 {.kind = EditKind::patch, .path = "distilbert.transformer.layer.1", .value = value}})
            .apply(run_));
  });
  expect_error("EDIT_CONFLICT", [&] {
    static_cast<void>(list_of({{.kind = EditKind::patch, .path = kAttn, .value = Tensor({4, 6, 6})},
                               {.kind = EditKind::knock_out, .layer = 1, .pairs = {{0, 0}}}})
                          .apply(run_));
  });
}

TEST_F(Edited, PositionsThatATextDoesNotHaveEndTheRun) {
  const auto refuse = [&](const char* code, const std::vector<Edit>& edits) {
    return to_string(expect_error(code, [&] { edited(edits, text_); }));
  };
  EXPECT_THAT(refuse("HOOK_SHAPE", {{.kind = EditKind::knock_out, .layer = 1, .pairs = {{0, 6}}}}),
              HasSubstr("token 6 of a text of 6 tokens"));
  refuse("HOOK_SHAPE", {{.kind = EditKind::zero_weights, .layer = 1, .pairs = {{-7, 0}}}});
  refuse("HOOK_SHAPE",
         {{.kind = EditKind::patch, .path = "transformer.layer.1", .rows = {6}, .value = Tensor({1, 32})}});
  refuse("HOOK_SHAPE", {{.kind = EditKind::patch, .path = "transformer.layer.1", .value = Tensor({5, 32})}});
  refuse("HOOK_SHAPE",
         {{.kind = EditKind::patch, .path = "transformer.layer.1", .rows = {0}, .value = Tensor({2, 32})}});
  refuse("HOOK_INDEX", {{.kind = EditKind::zero_heads, .layer = 1, .text = 1}});
  refuse("HOOK_INDEX", {{.kind = EditKind::uniform_heads, .layer = 1, .text = 1}});
  refuse("HOOK_INDEX",
         {{.kind = EditKind::patch, .path = "embeddings", .output = 3, .value = Tensor({6, 32})}});
  const std::string meeting = refuse(
      "EDIT_CONFLICT",
      {{.kind = EditKind::patch, .path = "transformer.layer.1", .rows = {5}, .value = Tensor({1, 32})},
       {.kind = EditKind::patch, .path = "transformer.layer.1", .rows = {-1}, .value = Tensor({1, 32})}});
  EXPECT_THAT(meeting, AllOf(HasSubstr("edits[0]"), HasSubstr("edits[1]")));
  EXPECT_TRUE(same_bits(run_({text_}, everything()).texts[0], plain(text_))) << "the run can be used again";
}

TEST_F(Edited, APatchOfRowsNeedsRowsOfTokens) {
  ModelRun run(load_model({.model_type = "bert"}), {.threads = 1});
  const auto applied =
      list_of({{.kind = EditKind::patch, .path = "pooler", .rows = {0}, .value = Tensor({1, 32})}})
          .apply(run);
  const ErrorInfo error = expect_error("HOOK_SHAPE", [&] { run({text_}, everything()); });
  EXPECT_THAT(to_string(error), HasSubstr("no rows of tokens"));
}

}  // namespace
}  // namespace attnscope
