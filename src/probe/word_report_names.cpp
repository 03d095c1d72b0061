// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "attnscope/word_report.h"

namespace attnscope {
namespace {

std::string layers_of(const WordReport& report) {
  if (!report.chosen_layers) return fmt::format("all {} layers", report.layers.size());
  return fmt::format("layer{} {}", report.layers.size() == 1 ? "" : "s", fmt::join(report.layers, ", "));
}

std::string layers_and_heads_of(const WordReport& report) {
  return fmt::format("mean over {} and {} head{}", layers_of(report), report.heads.size(),
                     report.heads.size() == 1 ? "" : "s");
}

std::string norms_of(const WordReport& report) {
  const std::string across = report.chosen_layers ? "mean over " : "accumulated over ";
  return "share of the vector norms after the layer norm, " + across + layers_of(report);
}

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

const char* name(Measure measure) {
  constexpr std::array kNames{"attention", "rollout", "norms", "gradient", "leave_one_out"};
  return kNames[static_cast<std::size_t>(measure)];
}

const char* name(Specials specials) {
  constexpr std::array kNames{"shown", "hidden", "renormalised"};
  return kNames[static_cast<std::size_t>(specials)];
}

const char* name(Focus::Kind kind) {
  constexpr std::array kNames{"entity", "word", "label", "text"};
  return kNames[static_cast<std::size_t>(kind)];
}

const std::vector<Measure>& all_measures() {
  static const std::vector<Measure> kAll{Measure::attention, Measure::rollout, Measure::norms,
                                         Measure::gradient, Measure::leave_one_out};
  return kAll;
}

std::string describe(Measure measure, const WordReport& report) {
  switch (measure) {
    case Measure::attention:
      return "attention weights, " + layers_and_heads_of(report);
    case Measure::rollout:
      return fmt::format("attention rollout from the input to layer {}",
                         *std::max_element(report.layers.begin(), report.layers.end()));
    case Measure::norms:
      return norms_of(report);
    case Measure::gradient:
      return "share of the positive part of attention x gradient of the logit, " +
             layers_and_heads_of(report);
    case Measure::leave_one_out:
      break;
  }
  return "change of the logit when [MASK] takes the place of the word; below 0: the word speaks for the "
         "label";
}

std::string describe(analysis::WordRule rule) {
  return fmt::format("To a word: the sum over its pieces; from a word: {}.", reading_of(rule));
}

bool is_own(const Focus& focus, std::size_t word) {
  const auto position = static_cast<std::int64_t>(word);
  return focus.kind != Focus::Kind::text &&
         std::find(focus.words.begin(), focus.words.end(), position) != focus.words.end();
}

RowShares row_shares(const WordReport& report, const Focus& focus, const MeasuredWords& measured) {
  RowShares shares;
  if (measured.measure == Measure::leave_one_out) return shares;
  for (std::size_t index = 0; index < report.words.size(); ++index) {
    std::optional<double>& share = !report.words[index].number ? shares.special_tokens
                                   : is_own(focus, index)      ? shares.itself
                                                               : shares.words;
    share = share.value_or(0.0) + measured.scores[index];
  }
  return shares;
}

}  // namespace attnscope
