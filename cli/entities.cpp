// SPDX-License-Identifier: Apache-2.0
#include "entities.h"

#include <algorithm>

namespace attnscope::cli {
namespace {

struct LabelledWord {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::string kind;        // "PER" of "B-PER"; empty for "O"
  bool continues = false;  // "I-"
};

std::size_t best_label(const TensorView& logits, std::int64_t token) {
  const TensorView row = logits.select(0, token);
  const float* values = row.f32();
  return static_cast<std::size_t>(std::max_element(values, values + row.count()) - values);
}

LabelledWord labelled(const Span& span, const std::string& label) {
  const bool marked = label.starts_with("B-") || label.starts_with("I-");
  const std::string kind = label == "O" ? "" : marked ? label.substr(2) : label;
  return {span.begin, span.end, kind, label.starts_with("I-")};
}

std::vector<LabelledWord> words_of(const Encoding& encoding, const TensorView& logits,
                                   const std::vector<std::string>& labels) {
  std::vector<LabelledWord> words;
  std::optional<std::int64_t> word;
  for (std::size_t token = 0; token < encoding.size(); ++token) {
    const auto id = encoding.word_ids[token];
    if (id && id == word) {
      words.back().end = encoding.offsets[token].end;
    } else if (id) {
      const std::size_t label = best_label(logits, static_cast<std::int64_t>(token));
      words.push_back(labelled(encoding.offsets[token], labels[label]));
    }
    word = id;
  }
  return words;
}

}  // namespace

std::vector<Entity> find_entities(const std::string& text, const Encoding& encoding, const TensorView& logits,
                                  const std::vector<std::string>& labels) {
  std::vector<Entity> entities;
  const LabelledWord* last = nullptr;
  std::int64_t begin = 0;
  const std::vector<LabelledWord> words = words_of(encoding, logits, labels);
  for (const LabelledWord& word : words) {
    const bool joins = last != nullptr && word.continues && last->kind == word.kind && !word.kind.empty();
    if (!joins) begin = word.begin;
    const auto part =
        text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(word.end - begin));
    if (joins) {
      entities.back().text = part;
    } else if (!word.kind.empty()) {
      entities.push_back({part, word.kind});
    }
    last = &word;
  }
  return entities;
}

}  // namespace attnscope::cli
