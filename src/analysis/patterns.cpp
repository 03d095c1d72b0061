// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

constexpr double kBroadNats = 3.8;

struct Candidate {
  Pattern pattern;
  double mass;
  double threshold;
};

}  // namespace

const char* name(Pattern pattern) {
  switch (pattern) {
    case Pattern::broad:
      return "broad";
    case Pattern::previous:
      return "previous";
    case Pattern::next:
      return "next";
    case Pattern::self:
      return "self";
    case Pattern::cls:
      return "cls";
    case Pattern::sep:
      return "sep";
    case Pattern::punctuation:
      return "punctuation";
    case Pattern::same_word:
      return "same_word";
    case Pattern::mixed:
      break;
  }
  return "mixed";
}

Pattern pattern(const HeadStatistics& statistics) {
  const std::array<Candidate, 7> candidates{{{Pattern::previous, statistics.previous, 0.5},
                                             {Pattern::next, statistics.next, 0.5},
                                             {Pattern::self, statistics.self, 0.5},
                                             {Pattern::cls, statistics.cls, 0.6},
                                             {Pattern::sep, statistics.sep, 0.6},
                                             {Pattern::punctuation, statistics.punctuation, 0.6},
                                             {Pattern::same_word, statistics.same_word, 0.5}}};
  Candidate largest{statistics.entropy > kBroadNats ? Pattern::broad : Pattern::mixed, 0.0, 0.0};
  for (const Candidate& candidate : candidates)
    if (candidate.mass > candidate.threshold && candidate.mass > largest.mass) largest = candidate;
  return largest.pattern;
}

}  // namespace attnscope::analysis
