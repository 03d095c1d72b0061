// SPDX-License-Identifier: Apache-2.0
#include "focus_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "attnscope/outputs.h"

namespace attnscope::cli {
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

}  // namespace attnscope::cli
