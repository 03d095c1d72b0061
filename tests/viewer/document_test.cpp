// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/error.h"
#include "attnscope/interventions.h"
#include "attnscope/viewer.h"
#include "core/json.h"
#include "support/tensors.h"
#include "support/tiny_model.h"
#include "support/two_words.h"
#include "viewer/part_reader.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kText = "John Smith works for Google in New York.";

JsonValue report_of(const Document& document) { return parse_json(document.report()).value.value(); }

const JsonValue& at(const JsonValue& value, const std::string& keys) {
  const std::size_t dot = keys.find('.');
  const JsonValue* member = value.find(keys.substr(0, dot));
  if (member == nullptr) throw std::runtime_error("no " + keys);
  return dot == std::string::npos ? *member : at(*member, keys.substr(dot + 1));
}

std::vector<std::string> texts(const JsonValue& array) {
  std::vector<std::string> values;
  for (const JsonValue& item : array.items()) values.push_back(item.is_null() ? "null" : *item.as_string());
  return values;
}

std::string code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return "none";
}

std::vector<double> values_of(const Tensor& tensor) { return {tensor.f32(), tensor.f32() + tensor.count()}; }

class DemoDocument : public testing::Test {
 protected:
  static ModelRun& run() {
    static ModelRun demo(Model::load());
    return demo;
  }
  static Document document(PageData data) {
    DocumentOptions options;
    options.data = data;
    options.top_k = 3;
    options.ablation = false;
    return Document::of(run(), kText, options);
  }
};

TEST_F(DemoDocument, FullPartsAreTheWeightsOfTheRun) {
  const Document made = document(PageData::full);
  const Captures captures = run()(kText, Request::attentions());
  EXPECT_TRUE(same_bits(made.attentions(), captures.texts[0].attentions));
  for (std::int64_t layer = 0; layer < 6; ++layer) {
    const auto part = read_part(made.part("layer." + std::to_string(layer)));
    EXPECT_EQ(part.at("weights").shape, (std::vector<std::int64_t>{12, 11, 11}));
    EXPECT_EQ(part.at("weights").values, values_of(made.attentions().view().select(0, layer).own()));
  }
  EXPECT_EQ(made.part("layer.2"), made.part("layer.2.full"));
}

TEST_F(DemoDocument, SmallerPartsAreRoundedWeights) {
  const Document u8 = document(PageData::u8);
  const Document topk = document(PageData::topk);
  const auto part = read_part(u8.part("layer.1"));
  const std::vector<double> weights = values_of(u8.attentions().view().select(0, 1).own());
  for (std::size_t i = 0; i < weights.size(); ++i)
    ASSERT_NEAR(part.at("weights").values[i], 255.0 * std::sqrt(weights[i]), 0.5 + 1e-9);
  EXPECT_EQ(part.at("top_keys").shape, (std::vector<std::int64_t>{12, 11, 3}));
  const std::vector<double>& keys = part.at("top_keys").values;
  for (std::size_t i = 0; i < keys.size(); ++i)
    ASSERT_EQ(part.at("top_weights").values[i],
              std::round(10000.0 * weights[i / 3 * 11 + static_cast<std::size_t>(keys[i])]));
  const auto smaller = read_part(topk.part("layer.1"));
  EXPECT_FALSE(smaller.contains("weights"));
  EXPECT_EQ(smaller.at("top_keys").values, keys);
}

TEST_F(DemoDocument, PartsOnDemandAreExact) {
  const Document made = document(PageData::topk);
  const TensorView weights = made.attentions().view();
  EXPECT_EQ(read_part(made.part("head.2.7")).at("weights").values,
            values_of(weights.select(0, 2).select(0, 7).own()));
  const auto mean = read_part(made.part("mean.0,2-3.1")).at("weights").values;
  const auto all = read_part(made.part("mean.5.all")).at("weights").values;
  const Tensor heads = head_mean(weights.select(0, 5));
  for (std::size_t i = 0; i < mean.size(); ++i) {
    double sum = 0;
    for (const std::int64_t layer : {0, 2, 3})
      sum += static_cast<double>(weights.select(0, layer).select(0, 1).f32()[i]);
    ASSERT_EQ(mean[i], static_cast<double>(static_cast<float>(sum / 3.0)));
    ASSERT_NEAR(all[i], static_cast<double>(heads.f32()[i]), 1e-7);
  }
}

TEST_F(DemoDocument, QueriesAndKeysGiveTheWeights) {
  const Document made = document(PageData::full);
  const auto states = read_part(made.part("states.3"));
  const std::vector<double>& query = states.at("query").values;
  const std::vector<double>& key = states.at("key").values;
  ASSERT_EQ(states.at("key").shape, (std::vector<std::int64_t>{12, 11, 20}));
  for (std::size_t head = 0; head < 12; ++head)
    for (std::size_t from = 0; from < 11; ++from) {
      std::vector<double> row(11);
      double sum = 0;
      for (std::size_t to = 0; to < 11; ++to) {
        double score = 0;
        for (std::size_t i = 0; i < 20; ++i)
          score += query[(head * 11 + from) * 20 + i] * key[(head * 11 + to) * 20 + i];
        sum += row[to] = std::exp(score / std::sqrt(20.0));
      }
      for (std::size_t to = 0; to < 11; ++to)
        ASSERT_NEAR(row[to] / sum,
                    static_cast<double>(made.attentions().at({3, static_cast<std::int64_t>(head),
                                                              static_cast<std::int64_t>(from),
                                                              static_cast<std::int64_t>(to)})),
                    1e-5);
    }
}

TEST_F(DemoDocument, NamesOfPartsThatDoNotExistAreRefused) {
  const Document made = document(PageData::full);
  for (const char* name : {"", "layer", "layer.6", "layer.-1", "layer.1.0", "layer.x", "head.0", "head.0.12",
                           "mean.0", "mean.0-.1", "mean.3-2.1", "mean.,.1", "states.9", "overview.0"})
    EXPECT_EQ(code_of([&] { static_cast<void>(made.part(name)); }), "PART") << name;
  const std::vector<std::string> parts = made.parts();
  EXPECT_EQ(parts.size(), 13U);
  for (const std::string& part : parts) EXPECT_FALSE(read_part(made.part(part)).empty());
}

TEST_F(DemoDocument, SpansAreInUtf16Units) {
  const std::string text = "\xF0\x9F\x98\x80 Angela \xE6\xBC\xA2 e\xCC\x81t\xC3\xA9";
  const JsonValue report = report_of(Document::of(run(), text));
  // emoji 0-2, Angela 3-9, CJK 10-11, the last word 12-16
  const auto& spans = at(report, "words.span").items();
  const auto& words = at(report, "words.text").items();
  std::vector<std::pair<std::int64_t, std::int64_t>> found;
  for (std::size_t i = 1; i + 1 < spans.size(); ++i)
    found.emplace_back(*spans[i].items()[0].as_int(), *spans[i].items()[1].as_int());
  EXPECT_THAT(found, ElementsAre(std::pair{0, 2}, std::pair{3, 9}, std::pair{10, 11}, std::pair{12, 16}));
  EXPECT_EQ(*words.back().as_string(), "[SEP]");
  EXPECT_EQ(*at(report, "text").as_string(), text);
}

TEST_F(DemoDocument, AnEmptyTextIsTwoSpecialTokens) {
  const Document made = Document::of(run(), "");
  const JsonValue report = report_of(made);
  EXPECT_THAT(texts(at(report, "tokens.text")), ElementsAre("[CLS]", "[SEP]"));
  EXPECT_TRUE(at(report, "focuses").items().empty());
  EXPECT_THAT(texts(at(report, "notices")), ElementsAre("the text has no words"));
  for (const std::string& part : made.parts()) EXPECT_FALSE(read_part(made.part(part)).empty());
}

TEST_F(DemoDocument, OneTokenAlone) {
  EncodeOptions bare;
  bare.add_special_tokens = false;
  const Document made = Document::of(run(), "Paris", run().model().tokenizer().encode("Paris", bare));
  EXPECT_EQ(made.attentions().shape(), (Shape{6, 12, 1, 1}));
  EXPECT_EQ(read_part(made.part("overview")).at("overview").values, std::vector<double>(72, 255.0));
  EXPECT_THAT(texts(at(report_of(made), "words.text")), ElementsAre("Paris"));
}

TEST_F(DemoDocument, TheLongestTextIsCarriedByItsLargestWeights) {
  std::string text;
  for (int i = 0; i < 510; ++i) text += "the ";
  const Document made = Document::of(run(), text);
  EXPECT_EQ(made.attentions().size(3), 512);
  const JsonValue report = report_of(made);
  EXPECT_EQ(*at(report, "weights.data").as_string(), "topk");
  EXPECT_EQ(at(report, "weights.overview_size").as_int(), 64);
  EXPECT_EQ(at(report, "weights.top_k").as_int(), 16);
  EXPECT_EQ(at(report, "weights.query_key").as_bool(), false);
  const auto overview = read_part(made.part("overview"));
  EXPECT_FALSE(overview.contains("head_map"));
  EXPECT_EQ(overview.at("rollout").shape, (std::vector<std::int64_t>{6, 64, 64}));
  EXPECT_EQ(code_of([&] { static_cast<void>(Document::of(run(), text + "the")); }), "TEXT_TOO_LONG");
}

TEST_F(DemoDocument, TextsThatAreHardToPrint) {
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xD7\x90\xD7\x91 \xE2\x80\xAE x"),
                                  std::string("a\xE2\x80\xA8"
                                              "b"),
                                  std::string("</script><!--")}) {
    const JsonValue report = report_of(Document::of(run(), text));
    EXPECT_EQ(*at(report, "text").as_string(), text);
  }
  EXPECT_EQ(code_of([] { static_cast<void>(Document::of(run(), "a\xFF")); }), "TEXT_UTF8");
}

TEST_F(DemoDocument, FocusesHaveEffectsAndNumbersOfTheReport) {
  const Document made = Document::of(run(), kText);
  const JsonValue report = report_of(made);
  const auto& focuses = at(report, "focuses").items();
  ASSERT_EQ(focuses.size(), made.words()->focuses.size());
  ASSERT_EQ(focuses.size(), 3U);
  EXPECT_EQ(at(focuses[2], "entity").as_int(), 2);
  EXPECT_EQ(at(focuses[0], "measures").items().size(), 5U);
  const auto& effect = at(focuses[0], "ablation.effect").items();
  ASSERT_EQ(effect.size(), 6U);
  ASSERT_EQ(effect[0].items().size(), 12U);
  // Ablating one head by hand gives the same change of the label's logit.
  Interventions edits;
  edits.add({.kind = EditKind::zero_heads, .layer = 4, .heads = {7}});
  const auto applied = edits.apply(run());
  Request logits;
  logits.logits = true;
  const Captures ablated = run()(kText, logits);
  const double value = target_value(ablated.texts[0].logits.view(), *made.words()->focuses[0].target);
  EXPECT_NEAR(*effect[4].items()[7].as_double(), value - made.words()->focuses[0].value, 1e-5);
}

TEST_F(DemoDocument, ModulesSayWhatHooksSee) {
  const JsonValue report = report_of(document(PageData::full));
  std::map<std::string, std::string> first_shapes;
  for (const JsonValue& module : at(report, "modules").items()) {
    std::string shape;
    for (const JsonValue& output : at(module, "outputs").items()) {
      for (const JsonValue& size : at(output, "shape").items()) shape += std::to_string(*size.as_int()) + ' ';
      shape += *at(output, "dtype").as_string() + ';';
    }
    first_shapes[*at(module, "path").as_string()] = shape;
  }
  EXPECT_EQ(first_shapes.size(), run().model().modules().size());
  EXPECT_EQ(first_shapes.at("distilbert.transformer.layer.1.attention.attn"),
            "1 12 11 11 F32;1 11 12 20 F32;");
  EXPECT_EQ(first_shapes.at("classifier"), "1 11 7 F32;");
  EXPECT_EQ(first_shapes.at("distilbert.transformer.layer"), "");
}

TEST_F(DemoDocument, EachStepIsToldAndMayEndTheWork) {
  std::vector<std::string> steps;
  DocumentOptions options;
  options.progress = [&](const char* step) { steps.emplace_back(step); };
  static_cast<void>(Document::of(run(), "Paris", options));
  EXPECT_THAT(steps, ElementsAre("attention", "words", "heads", "layers", "ablation"));
  options.progress = [](const char* step) {
    if (std::string(step) == "heads") throw std::runtime_error("enough");
  };
  EXPECT_THROW(static_cast<void>(Document::of(run(), "Paris", options)), std::runtime_error);
}

TEST_F(DemoDocument, SmallerDataNeedRowsThatSumToOne) {
  Interventions edits;
  edits.add({.kind = EditKind::zero_weights, .layer = 1, .heads = {2}, .pairs = {{3, 0}}});
  const auto applied = edits.apply(run());
  EXPECT_EQ(code_of([] { static_cast<void>(document(PageData::topk)); }), "VALUE");
  EXPECT_EQ(*at(report_of(Document::of(run(), kText)), "weights.data").as_string(), "full");
  DocumentOptions none;
  none.top_k = 0;
  EXPECT_EQ(code_of([&] { static_cast<void>(Document::of(run(), kText, none)); }), "TOP_K");
}

// ---- Other tasks ----

JsonValue tiny_report(Task task, const std::string& type = "distilbert") {
  TinySpec spec;
  spec.task = task;
  spec.model_type = type;
  ModelRun run(load_model(spec));
  return report_of(Document::of(run, "ab cd", two_words()));
}

TEST(TaskDocument, WordsOfSeveralPieces) {
  const JsonValue report = tiny_report(Task::none);
  std::vector<std::int64_t> places;
  for (const JsonValue& word : at(report, "tokens.word").items()) places.push_back(*word.as_int());
  EXPECT_THAT(places, ElementsAre(0, 1, 2, 2, 3));
  EXPECT_THAT(texts(at(report, "words.text")), ElementsAre("[CLS]", "ab", "cd", "[SEP]"));
  EXPECT_TRUE(at(report, "model.task").is_null());
  EXPECT_TRUE(at(report, "prediction").is_null());
  EXPECT_EQ(*at(at(report, "focuses").items()[0], "kind").as_string(), "text");
  EXPECT_TRUE(at(at(report, "focuses").items()[0], "ablation").is_null());
}

TEST(TaskDocument, ASequenceClassifierPredicts) {
  for (const char* type : {"distilbert", "bert"}) {
    const JsonValue report = tiny_report(Task::sequence_classification, type);
    double sum = 0;
    double best = 0;
    for (const JsonValue& label : at(report, "prediction.labels").items()) {
      const double probability = *at(label, "probability").as_double();
      sum += probability;
      best = std::max(best, probability);
    }
    EXPECT_NEAR(sum, 1.0, 1e-6);
    EXPECT_EQ(*at(report, "prediction.probability").as_double(), best);
    const JsonValue& focus = at(report, "focuses").items()[0];
    EXPECT_EQ(*at(focus, "kind").as_string(), "label");
    EXPECT_EQ(*at(focus, "label").as_string(), *at(report, "prediction.label").as_string());
    EXPECT_TRUE(at(focus, "ablation").is_object());
  }
}

TEST(TaskDocument, HeadsThatGiveNoLabelsToTheText) {
  for (const Task task : {Task::masked_lm, Task::question_answering}) {
    const JsonValue report = tiny_report(task);
    const JsonValue& focus = at(report, "focuses").items()[0];
    EXPECT_EQ(*at(focus, "kind").as_string(), "text");
    EXPECT_TRUE(at(focus, "value").is_null());
    EXPECT_EQ(at(focus, "measures").items().size(), 3U);
    EXPECT_THAT(texts(at(report, "words.label")), ElementsAre("null", "null", "null", "null"));
  }
}

TEST(TaskDocument, OneLayerOfOneHeadHasNoMap) {
  TinySpec spec;
  spec.layers = 1;
  spec.heads = 1;
  ModelRun run(load_model(spec));
  const auto overview = read_part(Document::of(run, "ab cd", two_words()).part("overview"));
  EXPECT_EQ(overview.size(), 3U);
  EXPECT_EQ(overview.at("layer_means").shape, (std::vector<std::int64_t>{1, 5, 5}));
}

}  // namespace
}  // namespace attnscope
