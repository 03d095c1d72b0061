// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "attnscope/entities.h"
#include "core/message.h"

namespace attnscope {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void EntityScore::add(const std::vector<std::string>& found_labels,
                      const std::vector<std::string>& expected_labels) {
  if (found_labels.size() != expected_labels.size())
    throw InvalidArgument(
        problem(ErrorKind::usage, "SHAPE", "EntityScore")
            .found("{} labels found, {} expected", found_labels.size(), expected_labels.size())
            .hint("give one label a word in both"));
  const std::vector<WordEntity> ours = spell_entities(found_labels);
  const std::vector<WordEntity> theirs = spell_entities(expected_labels);
  found += static_cast<std::int64_t>(ours.size());
  expected += static_cast<std::int64_t>(theirs.size());
  correct += std::count_if(ours.begin(), ours.end(), [&](const WordEntity& entity) {
    const auto place = std::ranges::lower_bound(theirs, entity.first, {}, &WordEntity::first);
    return place != theirs.end() && *place == entity;
  });
}

double EntityScore::precision() const { return share(correct, found); }
double EntityScore::recall() const { return share(correct, expected); }
// The harmonic mean of the two.
double EntityScore::f1() const { return share(2 * correct, found + expected); }

}  // namespace attnscope
