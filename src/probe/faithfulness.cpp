// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "attnscope/probe.h"
#include "core/message.h"
#include "gradients/target.h"
#include "probe/perturbed_text.h"
#include "probe/target_values.h"

namespace attnscope {
namespace {

using Flags = std::vector<bool>;
using Groups = std::vector<std::vector<std::int64_t>>;

constexpr std::array kBins{0.01, 0.05, 0.1, 0.2, 0.5};

[[noreturn]] void refuse(const char* code, const char* field, const std::string& what, const char* hint) {
  throw InvalidArgument(
      problem(ErrorKind::usage, code, "faithfulness").field(field).found("{}", what).hint("{}", hint));
}

void check_arguments(const Groups& groups, const std::vector<double>& scores,
                     const FaithfulnessOptions& options) {
  if (scores.size() != groups.size())
    refuse("SCORES", "scores", fmt::format("{} scores for {} groups", scores.size(), groups.size()),
           "give one a group");
  if (std::any_of(scores.begin(), scores.end(), [](double score) { return std::isnan(score); }))
    refuse("SCORES", "scores", "NaN among them", "give numbers that can be ranked");
  if (options.beam < 1) refuse("RANGE", "beam", fmt::format("{}", options.beam), "give 1 or more");
}

/// Groups that can lose their meaning, by their flags of tokens, and the scores that rank them.
struct RankedGroups {
  std::vector<Flags> tokens;
  std::vector<double> scores;

  RankedGroups(const Perturbation& perturbation, const Groups& groups,
               const std::vector<double>& all_scores) {
    for (std::size_t group = 0; group < groups.size(); ++group) {
      Flags flags = perturbation.flags(groups[group], group);
      if (!perturbation.without(flags).has_value()) continue;
      tokens.push_back(std::move(flags));
      scores.push_back(all_scores[group]);
    }
    if (tokens.empty())
      refuse("GROUP", "groups", "no group that can be left out", "give groups, or a replacement_id");
  }

  [[nodiscard]] std::size_t size() const { return tokens.size(); }
  // The most important first; of equal ones the first.
  [[nodiscard]] std::vector<std::size_t> order() const {
    std::vector<std::size_t> order(size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t left, std::size_t right) { return scores[left] > scores[right]; });
    return order;
  }
};

/// Which groups lose their meaning when some are chosen.
enum class Removed { chosen, others };

/// value - value without groups, computed once for each set of them.
class Drops {
 public:
  Drops(Run& run, const Perturbation& perturbation, const RankedGroups& groups, double value)
      : run_(run), perturbation_(perturbation), groups_(groups), value_(value) {}

  // In batches what is not known yet.
  void compute(const std::vector<Flags>& choices, Removed removed) {
    std::vector<Flags> sets;
    std::vector<Sequence> texts;
    std::vector<Target> targets;
    for (const Flags& chosen : choices) {
      const Flags set = removed_by(chosen, removed);
      const bool is_new = drops_.try_emplace(set, std::numeric_limits<double>::quiet_NaN()).second;
      if (!is_new) continue;
      PerturbedText perturbed = *perturbation_.without(tokens_of(set));  // of groups that can all be left out
      sets.push_back(set);
      texts.push_back(std::move(perturbed.text));
      targets.push_back(std::move(perturbed.target));
    }
    const std::vector<double> values = target_values(run_, texts, targets);
    for (std::size_t i = 0; i < sets.size(); ++i) drops_[sets[i]] = value_ - values[i];
  }

  [[nodiscard]] double of(const Flags& chosen, Removed removed) const {
    return drops_.at(removed_by(chosen, removed));
  }

 private:
  static Flags removed_by(Flags chosen, Removed removed) {
    if (removed == Removed::others) chosen.flip();
    return chosen;
  }
  [[nodiscard]] Flags tokens_of(const Flags& set) const {
    Flags tokens(groups_.tokens[0].size(), false);
    for (std::size_t group = 0; group < set.size(); ++group)
      for (std::size_t token = 0; set[group] && token < tokens.size(); ++token)
        if (groups_.tokens[group][token]) tokens[token] = true;
    return tokens;
  }

  Run& run_;
  const Perturbation& perturbation_;
  const RankedGroups& groups_;
  double value_;
  std::map<Flags, double> drops_;
};

/// How many groups each bin takes: its share, rounded up.
std::vector<std::size_t> sizes_of_bins(std::size_t count) {
  constexpr double kRounding = 1e-9;  // 0.1 * 30 is 3
  std::vector<std::size_t> sizes;
  for (const double share : kBins)
    sizes.push_back(
        static_cast<std::size_t>(std::max(1.0, std::ceil(share * static_cast<double>(count) - kRounding))));
  return sizes;
}

// The drop of each bin when groups are chosen in this order.
std::vector<double> drops_along(const std::vector<std::size_t>& order, const std::vector<std::size_t>& sizes,
                                Removed removed, Drops& drops) {
  std::vector<Flags> choices;
  for (const std::size_t size : sizes) {
    Flags chosen(order.size(), false);
    for (std::size_t i = 0; i < size; ++i) chosen[order[i]] = true;
    choices.push_back(std::move(chosen));
  }
  drops.compute(choices, removed);
  std::vector<double> result;
  for (const Flags& chosen : choices) result.push_back(drops.of(chosen, removed));
  return result;
}

enum class Limit { lowest, highest };

/// Looks for the order of groups whose mean drop over the bins is lowest or highest.
class BeamSearch {
 public:
  BeamSearch(Drops& drops, std::vector<std::size_t> sizes, Removed removed, Limit limit)
      : drops_(drops),
        sizes_(std::move(sizes)),
        removed_(removed),
        sign_(limit == Limit::highest ? 1.0 : -1.0) {}

  [[nodiscard]] double find(std::size_t num_groups, std::int64_t beam) {
    std::map<Flags, double> totals{{Flags(num_groups, false), 0.0}};  // sums over the bins so far
    const std::size_t last = *std::max_element(sizes_.begin(), sizes_.end());
    for (std::size_t size = 1; size <= last; ++size) totals = best(grown(totals), size, beam);
    double found = -std::numeric_limits<double>::infinity();
    for (const auto& [chosen, total] : totals) found = std::max(found, sign_ * total);
    return sign_ * found / static_cast<double>(sizes_.size());
  }

 private:
  // All sets of one group more, each with the best total of the sets that it grows from.
  [[nodiscard]] std::map<Flags, double> grown(const std::map<Flags, double>& totals) const {
    std::map<Flags, double> larger;
    for (const auto& [chosen, total] : totals)
      for (std::size_t group = 0; group < chosen.size(); ++group) {
        if (chosen[group]) continue;
        Flags more = chosen;
        more[group] = true;
        const auto [place, is_new] = larger.try_emplace(std::move(more), total);
        if (!is_new && sign_ * total > sign_ * place->second) place->second = total;
      }
    return larger;
  }

  // The sets to go on with, the bins of their size added to their totals.
  [[nodiscard]] std::map<Flags, double> best(std::map<Flags, double> totals, std::size_t size,
                                             std::int64_t beam) {
    std::vector<Flags> choices;
    for (const auto& [chosen, total] : totals) choices.push_back(chosen);
    drops_.compute(choices, removed_);
    const auto bins = static_cast<double>(std::count(sizes_.begin(), sizes_.end(), size));
    const auto to_come = static_cast<double>(
        std::count_if(sizes_.begin(), sizes_.end(), [size](std::size_t other) { return other > size; }));
    std::vector<std::pair<double, Flags>> ranked;  // by what the total becomes if the drop stays as it is
    for (auto& [chosen, total] : totals) {
      const double drop = drops_.of(chosen, removed_);
      total += bins * drop;
      ranked.emplace_back(-sign_ * (total + to_come * drop), chosen);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min(ranked.size(), static_cast<std::size_t>(beam)));
    std::map<Flags, double> result;
    for (const auto& [rank, chosen] : ranked) result[chosen] = totals.at(chosen);
    return result;
  }

  Drops& drops_;
  std::vector<std::size_t> sizes_;
  Removed removed_;
  double sign_;
};

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Between the limits, which the order that is judged may widen.
double normalised(double value, double lowest, double highest) {
  lowest = std::min(lowest, value);
  highest = std::max(highest, value);
  return (value - lowest) / (highest - lowest);  // NaN if they are equal
}

}  // namespace

Faithfulness faithfulness(Run& run, const Sequence& text, const Target& target, const Groups& groups,
                          const std::vector<double>& scores, const FaithfulnessOptions& options) {
  check_arguments(groups, scores, options);
  const Target own_target = target_of_model(run.model(), target);
  const Perturbation perturbation(run.model(), text, own_target, options.replacement_id);
  const RankedGroups ranked(perturbation, groups, scores);
  Drops drops(run, perturbation, ranked, target_value(run, text, own_target));
  const std::vector<std::size_t> sizes = sizes_of_bins(ranked.size());
  const auto limit = [&](Removed removed, Limit which) {
    return BeamSearch(drops, sizes, removed, which).find(ranked.size(), options.beam);
  };
  Faithfulness result;
  result.bins.assign(kBins.begin(), kBins.end());
  result.comprehensiveness = drops_along(ranked.order(), sizes, Removed::chosen, drops);
  result.sufficiency = drops_along(ranked.order(), sizes, Removed::others, drops);
  result.mean_comprehensiveness = mean(result.comprehensiveness);
  result.mean_sufficiency = mean(result.sufficiency);
  result.normalised_comprehensiveness =
      normalised(result.mean_comprehensiveness, limit(Removed::chosen, Limit::lowest),
                 limit(Removed::chosen, Limit::highest));
  result.normalised_sufficiency = normalised(result.mean_sufficiency, limit(Removed::others, Limit::lowest),
                                             limit(Removed::others, Limit::highest));
  return result;
}

}  // namespace attnscope
