// SPDX-License-Identifier: Apache-2.0
#include "attnscope/entities.h"

#include <algorithm>
#include <string_view>

#include "analysis/entity_label.h"
#include "analysis/label_probabilities.h"
#include "core/message.h"

namespace attnscope {
namespace {

using analysis::EntityLabel;
using analysis::Probabilities;

/// What a token, or a word of several, was classified as.
struct Part {
  std::vector<std::int64_t> tokens;
  std::size_t label = 0;
  double score = 0.0;
};

[[noreturn]] void refuse_shape(const std::string& what) {
  throw InvalidArgument(problem(ErrorKind::usage, "SHAPE", "find_entities")
                            .found("{}", what)
                            .hint("give the text, its encoding and the logits of one run"));
}

void check(const std::string& text, const Encoding& encoding, const TensorView& logits, std::size_t labels) {
  if (logits.rank() != 2 || logits.size(0) != static_cast<std::int64_t>(encoding.size()) ||
      logits.size(1) != static_cast<std::int64_t>(labels) || labels == 0)
    refuse_shape(fmt::format("logits have shape {}, expected [{}, {}] (tokens, labels)",
                             to_string(logits.shape()), encoding.size(), labels));
  if (encoding.tokens.size() != encoding.size() || encoding.offsets.size() != encoding.size() ||
      encoding.special_tokens_mask.size() != encoding.size())
    refuse_shape(fmt::format("an encoding of {} tokens lacks tokens, offsets or the mask of specials",
                             encoding.size()));
  for (const Span& span : encoding.offsets)
    if (span.begin < 0 || span.end < span.begin || span.end > static_cast<std::int64_t>(text.size()))
      refuse_shape(
          fmt::format("a token stands at bytes {}..{}, the text has {}", span.begin, span.end, text.size()));
}

std::int64_t count_characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; });
}

std::string_view part_of(const std::string& text, const Span& span) {
  return std::string_view(text).substr(static_cast<std::size_t>(span.begin),
                                       static_cast<std::size_t>(span.end - span.begin));
}

/// Whether a token goes on with the word before it, by the rule of transformers: token and text differ in
/// length. "##s" does, and so does a word that lost combining marks.
bool is_piece(const std::string& text, const Encoding& encoding, std::size_t token) {
  const std::string& shown = encoding.tokens[token];
  return shown != "[UNK]" &&
         count_characters(shown) != count_characters(part_of(text, encoding.offsets[token]));
}

/// The tokens of the text, each alone or in words.
std::vector<Part> divide(const std::string& text, const Encoding& encoding, bool in_words) {
  std::vector<Part> parts;
  for (std::size_t token = 0; token < encoding.size(); ++token) {
    if (encoding.special_tokens_mask[token] != 0) continue;
    if (parts.empty() || !in_words || !is_piece(text, encoding, token)) parts.emplace_back();
    parts.back().tokens.push_back(static_cast<std::int64_t>(token));
  }
  return parts;
}

/// The probabilities that speak for a word.
Probabilities speaker(const std::vector<const Probabilities*>& pieces, Aggregation aggregation) {
  if (aggregation == Aggregation::average) return analysis::mean_probabilities(pieces);
  if (aggregation != Aggregation::max) return *pieces.front();
  const auto largest = [](const Probabilities* row) { return (*row)[analysis::most_probable(*row)]; };
  return **std::max_element(pieces.begin(), pieces.end(), [&](const auto* left, const auto* right) {
    return largest(left) < largest(right);
  });
}

void classify(std::vector<Part>& parts, const std::vector<Probabilities>& probabilities,
              Aggregation aggregation) {
  for (Part& part : parts) {
    std::vector<const Probabilities*> pieces;
    for (const std::int64_t token : part.tokens)
      pieces.push_back(&probabilities[static_cast<std::size_t>(token)]);
    const Probabilities chosen = speaker(pieces, aggregation);
    part.label = analysis::most_probable(chosen);
    part.score = static_cast<double>(chosen[part.label]);
  }
}

/// Entities whose score is still the sum over their parts.
class EntityBuilder {
 public:
  explicit EntityBuilder(Aggregation aggregation) : joins_(aggregation != Aggregation::none) {}

  void add(const Part& part, const EntityLabel& label) {
    const bool joins = joins_ && last_ && analysis::continues(*last_, label);
    if (!label.is_outside()) {
      if (!joins) start(part, label);
      Entity& entity = entities_.back();
      entity.tokens.insert(entity.tokens.end(), part.tokens.begin(), part.tokens.end());
      entity.score += part.score;
      ++num_parts_.back();
    }
    last_ = label;
  }

  [[nodiscard]] std::vector<Entity> finish(const std::string& text, const Encoding& encoding) && {
    for (std::size_t index = 0; index < entities_.size(); ++index) {
      Entity& entity = entities_[index];
      entity.score /= static_cast<double>(num_parts_[index]);
      entity.span = {encoding.offsets[static_cast<std::size_t>(entity.tokens.front())].begin,
                     encoding.offsets[static_cast<std::size_t>(entity.tokens.back())].end};
      entity.text = part_of(text, entity.span);
    }
    return std::move(entities_);
  }

 private:
  void start(const Part& part, const EntityLabel& label) {
    entities_.emplace_back();
    entities_.back().kind = label.kind;
    entities_.back().label = static_cast<std::int64_t>(part.label);
    num_parts_.push_back(0);
  }

  bool joins_;
  std::optional<EntityLabel> last_;
  std::vector<Entity> entities_;
  std::vector<std::int64_t> num_parts_;
};

}  // namespace

std::vector<Entity> find_entities(const std::string& text, const Encoding& encoding, const TensorView& logits,
                                  const std::vector<std::string>& labels, Aggregation aggregation) {
  check(text, encoding, logits, labels.size());
  const bool in_words = aggregation != Aggregation::none && aggregation != Aggregation::simple;
  std::vector<Part> parts = divide(text, encoding, in_words);
  classify(parts, analysis::label_probabilities(logits), aggregation);
  EntityBuilder builder(aggregation);
  for (const Part& part : parts) builder.add(part, analysis::parse_entity_label(labels[part.label]));
  return std::move(builder).finish(text, encoding);
}

std::vector<WordEntity> spell_entities(const std::vector<std::string>& labels) {
  std::vector<WordEntity> entities;
  EntityLabel last{'O', ""};
  for (std::size_t word = 0; word < labels.size(); ++word) {
    const EntityLabel label = analysis::parse_entity_label(labels[word]);
    const auto position = static_cast<std::int64_t>(word);
    if (!label.is_outside()) {
      if (!analysis::continues(last, label)) entities.push_back({label.kind, position, position});
      entities.back().last = position + 1;
    }
    last = label;
  }
  return entities;
}

}  // namespace attnscope
