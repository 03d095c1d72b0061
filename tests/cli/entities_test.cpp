// SPDX-License-Identifier: Apache-2.0
#include "entities.h"

#include <gtest/gtest.h>

namespace attnscope::cli {
namespace {

const std::vector<std::string> kLabels = {"O", "B-PER", "I-PER", "B-LOC"};

/// Logits whose largest entry of each row is the one named.
Tensor logits_for(const std::vector<std::int64_t>& best) {
  Tensor logits(Shape{static_cast<std::int64_t>(best.size()), 4});
  for (std::size_t row = 0; row < best.size(); ++row) {
    logits.mutable_view().f32()[4 * static_cast<std::int64_t>(row) + best[row]] = 1.0F;
  }
  return logits;
}

Encoding words(const std::vector<std::optional<std::int64_t>>& ids, const std::vector<Span>& offsets) {
  Encoding encoding;
  encoding.word_ids = ids;
  encoding.offsets = offsets;
  encoding.input_ids.resize(ids.size());
  return encoding;
}

TEST(FindEntities, JoinsPiecesOfAWordAndWordsOfAnEntity) {
  const std::string text = "Angela Merkel in Berlin";
  const Encoding encoding =
      words({{}, 0, 0, 1, 2, 3, {}}, {{0, 0}, {0, 3}, {3, 6}, {7, 13}, {14, 16}, {17, 23}, {0, 0}});
  const Tensor logits = logits_for({1, 1, 0, 2, 0, 3, 1});  // specials and later pieces do not count
  const auto entities = find_entities(text, encoding, logits.view(), kLabels);
  ASSERT_EQ(entities.size(), 2U);
  EXPECT_EQ(entities[0].text, "Angela Merkel");
  EXPECT_EQ(entities[0].label, "PER");
  EXPECT_EQ(entities[1].text, "Berlin");
  EXPECT_EQ(entities[1].label, "LOC");
}

TEST(FindEntities, ANewBeginningIsANewEntity) {
  const Encoding encoding = words({0, 1}, {{0, 1}, {2, 3}});
  const Tensor logits = logits_for({1, 1});
  EXPECT_EQ(find_entities("A B", encoding, logits.view(), kLabels).size(), 2U);
}

}  // namespace
}  // namespace attnscope::cli
