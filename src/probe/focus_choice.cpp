// SPDX-License-Identifier: Apache-2.0
#include "probe/focus_choice.h"

#include <string>
#include <utility>

#include "core/message.h"

namespace attnscope {
namespace {

Focus focus_on(Focus::Kind kind, const std::vector<std::size_t>& words) {
  Focus focus;
  focus.kind = kind;
  focus.words.assign(words.begin(), words.end());
  return focus;
}

std::string label_name(const Model& model, const Target& target) {
  if (model.info().task != Task::masked_lm)
    return model.info().labels[static_cast<std::size_t>(target.label)];
  return model.tokenizer().id_to_token(target.label).value_or(std::to_string(target.label));
}

void aim(Focus& focus, const Target& target, const ReadText& read) {
  focus.target = target;
  focus.label = label_name(read.model, target);
  focus.value = target_value(read.logits.view(), target);
}

/// The first token speaks for the entity.
Focus entity_focus(const Entity& entity, const ReadText& read) {
  Focus focus = focus_on(Focus::Kind::entity, read.words.holding(entity.tokens));
  focus.text = entity.text;
  focus.entity = entity;
  aim(focus, {Target::Of::logit, entity.label, {entity.tokens.front()}}, read);
  return focus;
}

[[noreturn]] void refuse_entity(const std::string& text, const std::vector<Entity>& entities) {
  std::string known;
  for (const Entity& entity : entities)
    known += fmt::format("{}'{}' ({})", known.empty() ? "" : ", ", entity.text, entity.kind);
  throw InvalidArgument(
      problem(ErrorKind::usage, "ENTITY", "entity")
          .found("'{}' is no entity of the text", text)
          .hint("{}{}", known.empty() ? "the model finds none" : "the entities are: ", known));
}

std::vector<Focus> entities_named(const std::string& text, const ReadText& read) {
  std::vector<Focus> focuses;
  for (const Entity& entity : read.entities)
    if (entity.text == text) focuses.push_back(entity_focus(entity, read));
  if (focuses.empty()) refuse_entity(text, read.entities);
  return focuses;
}

/// From the token that the classifier reads.
Focus label_focus(const ReadText& read) {
  Focus focus = focus_on(Focus::Kind::label, read.words.holding({0}));
  aim(focus, predicted_target(read.logits.view()), read);
  return focus;
}

Focus word_focus(std::int64_t number, const ReadText& read) {
  const auto count = static_cast<std::int64_t>(read.words.of_text().size());
  if (number < 0 || number >= count)
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "word")
                              .found("{} does not exist", number)
                              .hint("the text has {} words: count from 0", count));
  const std::size_t place = read.words.of_text()[static_cast<std::size_t>(number)];
  const ReportWord& word = read.words.all()[place];
  Focus focus = focus_on(Focus::Kind::word, {place});
  focus.text = word.text;
  const Task task = read.model.info().task;
  if (task == Task::sequence_classification) {
    aim(focus, predicted_target(read.logits.view()), read);
  } else if (task == Task::token_classification || task == Task::masked_lm) {
    aim(focus, predicted_target(read.logits.view(), {word.tokens.front()}), read);
  }
  return focus;
}

}  // namespace

std::vector<Focus> choose_focuses(const ReadText& read, const WordReportOptions& options) {
  if (options.word) return {word_focus(*options.word, read)};
  if (options.entity) return entities_named(*options.entity, read);
  std::vector<Focus> focuses;
  for (const Entity& entity : read.entities) focuses.push_back(entity_focus(entity, read));
  if (!focuses.empty() || read.words.of_text().empty()) return focuses;
  const bool labels_text = read.model.info().task == Task::sequence_classification;
  return {labels_text ? label_focus(read) : focus_on(Focus::Kind::text, read.words.of_text())};
}

}  // namespace attnscope
