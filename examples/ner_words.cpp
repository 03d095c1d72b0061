// SPDX-License-Identifier: Apache-2.0
//
// Which words does a named-entity model look at? Prints the entities of a text and, for each, the words it
// attends to most: mean over all layers and heads, pieces of a word added up, special tokens and the entity
// itself left out.
//   ner_words [TEXT [MODEL]]

#include <attnscope/attnscope.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

namespace {

struct Word {
  std::string text;
  std::vector<std::int64_t> tokens;
  std::string label;  // of its first piece: "O", "B-PER", ...
};

struct Entity {
  std::string type;
  std::size_t first = 0;  // words [first, last)
  std::size_t last = 0;
};

std::string best_label(const attnscope::Tensor& logits, std::int64_t token,
                       const std::vector<std::string>& labels) {
  const float* row = logits.f32() + token * logits.size(1);
  return labels[static_cast<std::size_t>(std::max_element(row, row + logits.size(1)) - row)];
}

std::vector<Word> words_of(const std::string& text, const attnscope::Encoding& encoding,
                           const attnscope::Tensor& logits, const std::vector<std::string>& labels) {
  std::vector<Word> words;
  for (std::size_t token = 0; token < encoding.size(); ++token) {
    if (!encoding.word_ids[token].has_value()) continue;  // [CLS], [SEP]
    const bool starts_word = token == 0 || encoding.word_ids[token] != encoding.word_ids[token - 1];
    const auto index = static_cast<std::int64_t>(token);
    if (starts_word) words.push_back({"", {}, best_label(logits, index, labels)});
    const attnscope::Span span = encoding.offsets[token];
    words.back().text +=
        text.substr(static_cast<std::size_t>(span.begin), static_cast<std::size_t>(span.end - span.begin));
    words.back().tokens.push_back(index);
  }
  return words;
}

// B-X starts an entity; I-X goes on with one of the same type, or starts one.
std::vector<Entity> entities_of(const std::vector<Word>& words) {
  std::vector<Entity> entities;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& label = words[i].label;
    if (label.size() < 3) continue;  // "O"
    const std::string type = label.substr(2);
    const bool continues =
        label[0] == 'I' && !entities.empty() && entities.back().last == i && entities.back().type == type;
    if (continues)
      entities.back().last = i + 1;
    else
      entities.push_back({type, i, i + 1});
  }
  return entities;
}

// Attention from one word to another: mean over the pieces that look, sum over the pieces looked at.
float attention_between(const Word& from, const Word& to, const attnscope::Tensor& attention) {
  float sum = 0.0F;
  for (const std::int64_t query : from.tokens)
    for (const std::int64_t key : to.tokens) sum += attention.at({query, key});
  return sum / static_cast<float>(from.tokens.size());
}

void print_entity(const Entity& entity, const std::vector<Word>& words, const attnscope::Tensor& attention) {
  std::string name;
  for (std::size_t i = entity.first; i < entity.last; ++i) name += (name.empty() ? "" : " ") + words[i].text;

  std::vector<std::pair<float, std::string>> ranking;
  for (std::size_t to = 0; to < words.size(); ++to) {
    if (to >= entity.first && to < entity.last) continue;
    float sum = 0.0F;
    for (std::size_t from = entity.first; from < entity.last; ++from)
      sum += attention_between(words[from], words[to], attention);
    ranking.emplace_back(sum / static_cast<float>(entity.last - entity.first), words[to].text);
  }
  std::sort(ranking.rbegin(), ranking.rend());
  std::cout << name << " [" << entity.type << "] looks at";
  for (std::size_t i = 0; i < std::min<std::size_t>(4, ranking.size()); ++i)
    std::cout << (i == 0 ? " " : ", ") << ranking[i].second << ' ' << std::fixed << std::setprecision(3)
              << ranking[i].first;
  std::cout << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string text =
      argc > 1 ? argv[1]
               : "Tim Cook presented the new Apple phone in San Francisco while Microsoft opened in London.";
  const auto model = attnscope::Model::load(argc > 2 ? argv[2] : "builtin:demo");
  if (model.info().task != attnscope::Task::token_classification) {
    std::cerr << "ner_words: " << model.info().architecture << " labels no tokens; give a token classifier\n";
    return 1;
  }

  attnscope::Request request = attnscope::Request::attentions();
  request.reduce = attnscope::Reduce::mean;  // over the heads
  request.logits = true;
  const attnscope::Encoding encoding = model.tokenizer().encode(text);
  const attnscope::Captures captures = model.run({encoding}, request);
  const attnscope::TextCapture& capture = captures.texts[0];

  // Mean over the layers, by the same function: [layer, query, key] -> [query, key].
  const attnscope::Tensor attention = attnscope::head_mean(capture.attentions.view());
  const std::vector<Word> words = words_of(text, encoding, capture.logits, model.info().labels);
  const std::vector<Entity> entities = entities_of(words);
  for (const Entity& entity : entities) print_entity(entity, words, attention);
  if (entities.empty()) std::cout << "no entities found\n";
} catch (const std::exception& error) {
  std::cerr << "ner_words: " << error.what() << '\n';
  return 1;
}
