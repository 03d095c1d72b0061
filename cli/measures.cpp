// SPDX-License-Identifier: Apache-2.0
#include "measures.h"

#include "errors.h"
#include "numbers.h"

namespace attnscope::cli {

std::optional<std::vector<Measure>> parse_measures(const std::string& text) {
  if (text == "all") return std::nullopt;
  // In the order of all_measures().
  const std::vector<std::string> names = {"attention", "rollout", "norms", "gradient", "leave-one-out"};
  std::vector<std::string> choices = names;
  choices.emplace_back("all");
  std::vector<Measure> measures;
  for (const std::string& part : split_list(text)) {
    const std::size_t choice = parse_choice("--measure", part, choices);
    if (choice == names.size())
      throw usage_error("--measure", "all stands beside others", "give all, or some of the others");
    measures.push_back(all_measures()[choice]);
  }
  return measures;
}

}  // namespace attnscope::cli
