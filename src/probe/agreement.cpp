// SPDX-License-Identifier: Apache-2.0
#include "probe/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attnscope {
namespace {

constexpr double kAgrees = 0.5;
constexpr double kAgreesInPart = 0.2;

/// What is ranked: a word may speak for or against the target, and matters by how much.
std::vector<double> importance(const MeasuredWords& words, const std::vector<std::size_t>& compared) {
  std::vector<double> values;
  for (const std::size_t word : compared)
    values.push_back(words.measure == Measure::leave_one_out ? std::abs(words.scores[word])
                                                             : words.scores[word]);
  return values;
}

double tau_of(const std::vector<double>& left, const std::vector<double>& right) {
  const auto is_number = [](double value) { return std::isfinite(value); };
  const bool comparable = left.size() >= 2 && std::all_of(left.begin(), left.end(), is_number) &&
                          std::all_of(right.begin(), right.end(), is_number);
  return comparable ? analysis::kendall_tau(left, right) : std::numeric_limits<double>::quiet_NaN();
}

/// Twice the standard deviation of tau between two random orders of m things: beyond it lies one in twenty.
double reach_of_chance(std::int64_t m) {
  const auto count = static_cast<double>(m);
  return 2.0 * std::sqrt(2.0 * (2.0 * count + 5.0) / (9.0 * count * (count - 1.0)));
}

}  // namespace

std::vector<Agreement> agreements_of(const std::vector<MeasuredWords>& measures,
                                     const std::vector<std::size_t>& compared) {
  std::vector<Agreement> agreements;
  for (std::size_t left = 0; left < measures.size(); ++left)
    for (std::size_t right = left + 1; right < measures.size(); ++right)
      agreements.push_back(
          {measures[left].measure, measures[right].measure,
           tau_of(importance(measures[left], compared), importance(measures[right], compared))});
  return agreements;
}

std::string agreement_sentence(const Focus& focus) {
  const auto pair = std::find_if(focus.agreements.begin(), focus.agreements.end(), [](const Agreement& two) {
    return two.left == Measure::attention && two.right == Measure::leave_one_out;
  });
  if (pair == focus.agreements.end()) return "";
  if (std::isnan(pair->tau))
    return "Attention and leave-one-out cannot be compared here: there are too few words, or all are alike.";
  const char* const verdict = pair->tau >= kAgrees         ? "agrees"
                              : pair->tau >= kAgreesInPart ? "agrees in part"
                              : pair->tau > -kAgreesInPart ? "does not agree"
                                                           : "disagrees";
  std::string sentence =
      fmt::format("Attention {} with leave-one-out here: Kendall's tau is {:.2f} over {} words", verdict,
                  pair->tau, focus.compared_words);
  if (std::abs(pair->tau) < reach_of_chance(focus.compared_words))
    sentence += ", which chance alone can give";
  return sentence + '.';
}

}  // namespace attnscope
