// SPDX-License-Identifier: Apache-2.0
#include "attnscope/entities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "attnscope/error.h"

namespace attnscope {
namespace {

const std::vector<std::string> kLabels = {"O", "B-PER", "I-PER", "B-LOC", "I-LOC"};

/// A text of tokens: "##" marks a piece, brackets a special token.
Encoding encoding_of(const std::string& text, const std::vector<std::string>& tokens) {
  Encoding encoding;
  std::size_t place = 0;
  for (const std::string& token : tokens) {
    const bool special = token.front() == '[' && token != "[UNK]";
    Span span;
    if (!special) {
      const std::string shown = token.starts_with("##") ? token.substr(2) : token;
      const std::size_t begin =
          token == "[UNK]" ? text.find_first_not_of(' ', place) : text.find(shown, place);
      place = token == "[UNK]" ? text.find(' ', begin) : begin + shown.size();
      span = {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(place)};
    }
    encoding.tokens.push_back(token);
    encoding.offsets.push_back(span);
    encoding.special_tokens_mask.push_back(special ? 1 : 0);
  }
  encoding.input_ids.resize(tokens.size());
  return encoding;
}

/// Logits whose softmax is these probabilities.
Tensor logits_of(const std::vector<std::vector<float>>& probabilities) {
  std::vector<float> logits;
  for (const auto& row : probabilities)
    for (const float probability : row) logits.push_back(std::log(probability));
  return Tensor::of(Shape{static_cast<std::int64_t>(probabilities.size()),
                          static_cast<std::int64_t>(probabilities.front().size())},
                    logits);
}

/// Rows that give 0.8 to one label and the rest to the others alike.
Tensor sure_of(const std::vector<std::size_t>& best) {
  std::vector<std::vector<float>> rows;
  for (const std::size_t label : best) {
    rows.emplace_back(kLabels.size(), 0.05F);
    rows.back()[label] = 0.8F;
  }
  return logits_of(rows);
}

std::vector<Entity> entities_of(const std::string& text, const Encoding& encoding,
                                const std::vector<std::size_t>& best,
                                const std::vector<std::string>& labels = kLabels) {
  const Tensor logits = sure_of(best);
  return find_entities(text, encoding, logits.view(), labels);
}

TEST(FindEntities, JoinsPiecesOfAWordAndWordsOfAnEntity) {
  const std::string text = "Angela Merkel in Berlin";
  const Encoding encoding = encoding_of(text, {"[CLS]", "Ang", "##ela", "Merkel", "in", "Berlin", "[SEP]"});
  const Tensor logits = sure_of({1, 1, 0, 2, 0, 3, 1});  // specials and later pieces do not count
  const auto entities = find_entities(text, encoding, logits.view(), kLabels);
  ASSERT_EQ(entities.size(), 2U);
  EXPECT_EQ(entities[0].text, "Angela Merkel");
  EXPECT_EQ(entities[0].kind, "PER");
  EXPECT_EQ(entities[0].span, (Span{0, 13}));
  EXPECT_EQ(entities[0].label, 1);
  EXPECT_THAT(entities[0].tokens, testing::ElementsAre(1, 2, 3));
  EXPECT_NEAR(entities[0].score, 0.8, 1e-6);
  EXPECT_EQ(entities[1].text, "Berlin");
  EXPECT_EQ(entities[1].kind, "LOC");
  EXPECT_EQ(entities[1].span, (Span{17, 23}));
}

TEST(FindEntities, ANewBeginningIsANewEntity) {
  const Encoding encoding = encoding_of("A B", {"A", "B"});
  EXPECT_EQ(entities_of("A B", encoding, {1, 1}).size(), 2U);
  EXPECT_EQ(entities_of("A B", encoding, {1, 2}).size(), 1U);
  EXPECT_EQ(entities_of("A B", encoding, {1, 4}).size(), 2U);
  EXPECT_EQ(entities_of("A B", encoding, {2, 2}).size(), 1U);
}

TEST(FindEntities, TheStrategySaysWhichPieceSpeaksForAWord) {
  const std::string text = "Parisian";
  const Encoding encoding = encoding_of(text, {"Par", "##is", "##ian"});
  const std::vector<std::string> labels = {"O", "B-PER", "B-LOC"};
  const Tensor logits = logits_of({{0.2F, 0.5F, 0.3F}, {0.05F, 0.05F, 0.9F}, {0.6F, 0.1F, 0.3F}});
  const auto found = [&](Aggregation aggregation) {
    return find_entities(text, encoding, logits.view(), labels, aggregation);
  };
  ASSERT_EQ(found(Aggregation::none).size(), 2U);
  EXPECT_EQ(found(Aggregation::none)[1].text, "is");
  EXPECT_EQ(found(Aggregation::simple).size(), 2U);
  EXPECT_EQ(found(Aggregation::first)[0].kind, "PER");
  EXPECT_NEAR(found(Aggregation::first)[0].score, 0.5, 1e-6);
  EXPECT_EQ(found(Aggregation::average)[0].kind, "LOC");
  EXPECT_NEAR(found(Aggregation::average)[0].score, 0.5, 1e-6);
  EXPECT_EQ(found(Aggregation::max)[0].kind, "LOC");
  EXPECT_NEAR(found(Aggregation::max)[0].score, 0.9, 1e-6);
  EXPECT_EQ(found(Aggregation::max)[0].text, "Parisian");
}

TEST(FindEntities, TheScoreIsTheMeanOverItsParts) {
  const Encoding encoding = encoding_of("A B", {"A", "B"});
  const Tensor logits = logits_of({{0.1F, 0.7F, 0.2F}, {0.3F, 0.2F, 0.5F}});
  const auto entities = find_entities("A B", encoding, logits.view(), {"O", "B-PER", "I-PER"});
  ASSERT_EQ(entities.size(), 1U);
  EXPECT_NEAR(entities[0].score, 0.6, 1e-6);
}

TEST(FindEntities, AnUnknownWordIsAWordOfItsOwn) {
  const std::string text = "Xyz Paris";
  const Encoding encoding = encoding_of(text, {"[UNK]", "Par", "##is"});
  const auto entities = entities_of(text, encoding, {1, 3, 0});
  ASSERT_EQ(entities.size(), 2U);
  EXPECT_EQ(entities[0].text, "Xyz");
  EXPECT_EQ(entities[1].text, "Paris");
}

TEST(FindEntities, OffsetsCountBytes) {
  const std::string text = "\u00dcber M\u00fcnchen";
  const Encoding encoding = encoding_of(text, {"\u00dcber", "M\u00fcn", "##chen"});
  const auto entities = entities_of(text, encoding, {0, 3, 0});
  ASSERT_EQ(entities.size(), 1U);
  EXPECT_EQ(entities[0].span, (Span{6, 14}));
  EXPECT_EQ(entities[0].text, "M\u00fcnchen");
}

TEST(FindEntities, LogitsOfAnotherTextAreRefused) {
  const Encoding encoding = encoding_of("A B", {"A", "B"});
  EXPECT_THROW(static_cast<void>(entities_of("A B", encoding, {1})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(entities_of("A B", encoding, {1, 1}, {"O"})), InvalidArgument);
  EXPECT_THROW(static_cast<void>(entities_of("A", encoding, {1, 1})), InvalidArgument);
}

std::vector<WordEntity> spelled(const std::vector<std::string>& labels) { return spell_entities(labels); }

TEST(SpellEntities, ReadsEveryScheme) {
  const std::vector<WordEntity> two = {{"PER", 0, 2}, {"LOC", 3, 4}};
  EXPECT_EQ(spelled({"B-PER", "I-PER", "O", "B-LOC"}), two);
  EXPECT_EQ(spelled({"I-PER", "I-PER", "O", "I-LOC"}), two);
  EXPECT_EQ(spelled({"PER", "PER", "O", "LOC"}), two);
  EXPECT_EQ(spelled({"B-PER", "L-PER", "O", "U-LOC"}), two);
  EXPECT_EQ(spelled({"B-PER", "E-PER", "O", "S-LOC"}), two);
}

TEST(SpellEntities, KnowsWhereAnEntityEndsAndAnotherBegins) {
  const std::vector<WordEntity> apart = {{"PER", 0, 1}, {"PER", 1, 2}};
  EXPECT_EQ(spelled({"B-PER", "B-PER"}), apart);
  EXPECT_EQ(spelled({"U-PER", "U-PER"}), apart);
  EXPECT_EQ(spelled({"L-PER", "I-PER"}), apart);
  EXPECT_EQ(spelled({"S-PER", "E-PER"}), apart);
  EXPECT_EQ(spelled({"B-PER", "I-LOC"}), (std::vector<WordEntity>{{"PER", 0, 1}, {"LOC", 1, 2}}));
  EXPECT_EQ(spelled({"B-PER-X", "I-PER-X"}), (std::vector<WordEntity>{{"PER-X", 0, 2}}));
  EXPECT_TRUE(spelled({"O", "O"}).empty() && spelled({}).empty());
}

TEST(EntityScore, CountsWholeEntities) {
  EntityScore score;
  score.add({"B-PER", "I-PER", "O", "B-LOC"}, {"B-PER", "I-PER", "O", "B-ORG"});
  score.add({"B-PER", "O"}, {"B-PER", "I-PER"});
  score.add({"O", "O"}, {"B-LOC", "O"});
  EXPECT_EQ(score.correct, 1);
  EXPECT_EQ(score.found, 3);
  EXPECT_EQ(score.expected, 4);
  EXPECT_DOUBLE_EQ(score.precision(), 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(score.recall(), 0.25);
  EXPECT_DOUBLE_EQ(score.f1(), 2.0 / 7.0);
  EXPECT_THROW(score.add({"O"}, {}), InvalidArgument);
}

TEST(EntityScore, OfNothingIsZero) {
  const EntityScore score;
  EXPECT_EQ(score.precision(), 0.0);
  EXPECT_EQ(score.recall(), 0.0);
  EXPECT_EQ(score.f1(), 0.0);
}

}  // namespace
}  // namespace attnscope
