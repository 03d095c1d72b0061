// SPDX-License-Identifier: Apache-2.0
#include "focus_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "attnscope/outputs.h"

namespace attnscope::cli {
namespace {

const char* reading_of(analysis::WordRule rule) {
  switch (rule) {
    case analysis::WordRule::first:
      return "the row of the first piece";
    case analysis::WordRule::max:
      return "the largest weights of its pieces, divided by their sum";
    case analysis::WordRule::mean:
      break;
  }
  return "the mean of its pieces' rows";
}

}  // namespace

std::string heading_of(const Focus& focus) {
  const std::string text = escape_for_terminal(focus.text);
  const std::string target =
      focus.target ? fmt::format("logit {:.3f} of {}", focus.value, escape_for_terminal(focus.label)) : "";
  switch (focus.kind) {
    case Focus::Kind::entity:
      return fmt::format("{} ({}), {}", text, escape_for_terminal(focus.entity->kind), target);
    case Focus::Kind::word:
      return target.empty() ? text : text + ", " + target;
    case Focus::Kind::label:
      return "The text, " + target;
    case Focus::Kind::text:
      break;
  }
  return "What each word receives: mean over all words";
}

std::string option_name(Measure measure) {
  std::string title = name(measure);
  std::replace(title.begin(), title.end(), '_', '-');
  return title;
}

std::string word_rule_sentence(analysis::WordRule rule) {
  return fmt::format("To a word: the sum over its pieces; from a word: {}.", reading_of(rule));
}

bool is_own(const Focus& focus, std::size_t word) {
  const auto position = static_cast<std::int64_t>(word);
  return focus.kind != Focus::Kind::text &&
         std::find(focus.words.begin(), focus.words.end(), position) != focus.words.end();
}

}  // namespace attnscope::cli
