// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attnscope/error.h"
#include "attnscope/viewer.h"
#include "core/json.h"
#include "viewer/part_reader.h"

namespace attnscope {
namespace {

using testing::ElementsAre;

/// Attention of a model, to be given as if it came from elsewhere.
Document model_document() {
  Run run(Model::load());
  DocumentOptions options;
  options.ablation = false;
  return Document::of(run, "John Smith works for Googlers.", options);
}

Document::Attention attention_of(const Document& document) {
  return {.weights = document.attentions(), .tokens = document.encoding().tokens};
}

JsonValue report_of(const Document& document) { return parse_json(document.report()).value.value(); }

std::vector<std::string> words_of(const JsonValue& report) {
  std::vector<std::string> words;
  for (const JsonValue& word : report.find("words")->find("text")->items())
    words.push_back(*word.as_string());
  return words;
}

std::string code_of(const Document::Attention& attention, const DocumentOptions& options = {}) {
  try {
    static_cast<void>(Document::of(attention, options));
  } catch (const InvalidArgument& error) {
    return error.code();
  }
  return "none";
}

// The numbers that the engine makes in its own way are those that are made of the weights.
TEST(ArrayDocument, HasTheNumbersOfTheModelsDocument) {
  const Document made = model_document();
  Document::Attention attention = attention_of(made);
  for (const auto& id : made.encoding().word_ids) attention.word_ids.push_back(id.value_or(-1));
  const JsonValue theirs = report_of(made);
  const JsonValue ours = report_of(Document::of(attention));
  for (const auto& number : theirs.find("head_numbers")->members())
    for (std::size_t layer = 0; layer < 6; ++layer)
      for (std::size_t head = 0; head < 12; ++head)
        EXPECT_NEAR(*number.value.items()[layer].items()[head].as_double(),
                    *ours.find("head_numbers")->find(number.key)->items()[layer].items()[head].as_double(),
                    1e-4)
            << number.key << ' ' << layer << ' ' << head;
  for (const char* number : {"entropy", "relative_entropy", "distance", "cls", "sep", "head_divergence"})
    for (std::size_t layer = 0; layer < 6; ++layer)
      EXPECT_NEAR(*theirs.find("layer_numbers")->find(number)->items()[layer].as_double(),
                  *ours.find("layer_numbers")->find(number)->items()[layer].as_double(), 1e-4)
          << number << ' ' << layer;
  EXPECT_TRUE(ours.find("layer_numbers")->find("previous_divergence")->items()[0].is_null());
  EXPECT_NEAR(*theirs.find("layer_numbers")->find("previous_divergence")->items()[3].as_double(),
              *ours.find("layer_numbers")->find("previous_divergence")->items()[3].as_double(), 1e-5);
  EXPECT_TRUE(ours.find("layer_numbers")->find("state_cosine")->items()[0].is_null());
}

TEST(ArrayDocument, HasTheSamePartsButStates) {
  const Document made = model_document();
  const Document ours = Document::of(attention_of(made));
  EXPECT_THAT(ours.parts(),
              ElementsAre("overview", "layer.0", "layer.1", "layer.2", "layer.3", "layer.4", "layer.5"));
  for (const std::string& part : ours.parts()) EXPECT_EQ(ours.part(part), made.part(part)) << part;
  EXPECT_THROW(static_cast<void>(ours.part("states.0")), InvalidArgument);
}

TEST(ArrayDocument, JoinsPiecesToWords) {
  Tensor weights({1, 2, 6, 6});
  weights.mutable_view().fill(1.0F / 6.0F);
  const Document::Attention attention{
      .weights = weights, .tokens = {"[CLS]", "hugging", "##face", ",", "\xC3\xA9t\xC3\xA9", "[SEP]"}};
  const Document made = Document::of(attention);
  EXPECT_EQ(made.text(), "huggingface , \xC3\xA9t\xC3\xA9");
  const JsonValue report = report_of(made);
  EXPECT_THAT(words_of(report), ElementsAre("[CLS]", "huggingface", ",", "\xC3\xA9t\xC3\xA9", "[SEP]"));
  EXPECT_EQ(report.find("tokens")->find("span")->items()[4].items()[1].as_int(), 17);
  EXPECT_TRUE(report.find("tokens")->find("id")->items()[0].is_null());
  EXPECT_EQ(*report.find("model")->find("source")->as_string(), "attention");
  EXPECT_TRUE(report.find("model")->find("labels")->is_null());
}

TEST(ArrayDocument, TakesTextPlacesAndNumbers) {
  Tensor weights({1, 1, 3, 3});
  weights.mutable_view().fill(1.0F / 3.0F);
  Document::Attention attention{
      .weights = weights, .tokens = {"a", "b", "c"}, .model = "mine", .layers = {7}, .heads = {3}};
  attention.text = "A B-C";
  attention.offsets = {{0, 1}, {2, 3}, {4, 5}};
  attention.word_ids = {0, 1, 1};
  const JsonValue report = report_of(Document::of(attention));
  EXPECT_THAT(words_of(report), ElementsAre("A", "B-C"));
  EXPECT_EQ(report.find("layers")->items()[0].as_int(), 7);
  EXPECT_EQ(report.find("heads")->items()[0].as_int(), 3);
}

TEST(ArrayDocument, WhatDoesNotFitIsRefused) {
  Tensor weights({1, 1, 2, 2});
  weights.mutable_view().fill(0.5F);
  const Document::Attention good{.weights = weights, .tokens = {"a", "b"}};
  EXPECT_EQ(code_of(good), "none");
  Document::Attention bad = good;
  bad.tokens = {"a"};
  EXPECT_EQ(code_of(bad), "SHAPE");
  bad = good;
  bad.layers = {0, 1};
  EXPECT_EQ(code_of(bad), "SHAPE");
  bad = good;
  bad.text = "a b";
  EXPECT_EQ(code_of(bad), "SHAPE");
  bad.offsets = {{0, 1}, {2, 4}};
  EXPECT_EQ(code_of(bad), "SHAPE");
  bad = good;
  bad.word_ids = {1, 0};
  EXPECT_EQ(code_of(bad), "WORD_IDS");
  bad.weights = weights.reshape({1, 2, 2});
  EXPECT_EQ(code_of(bad), "SHAPE");
  bad = good;
  bad.weights = Tensor::of({1, 1, 2, 2}, std::vector<float>{0.5F, 0.5F, -0.5F, 1.5F});
  EXPECT_EQ(code_of(bad), "VALUE");
  bad.weights = Tensor::of({1, 1, 2, 2}, std::vector<float>{0.5F, 0.5F, 0.1F, 0.1F});
  EXPECT_EQ(code_of(bad), "none");  // carried in full
  DocumentOptions topk;
  topk.data = PageData::topk;
  EXPECT_EQ(code_of(bad, topk), "VALUE");
}

}  // namespace
}  // namespace attnscope
