// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

TEST(Patterns, AreNamedByTheLargestMassAboveItsThreshold) {
  EXPECT_EQ(pattern({.previous = 0.51}), Pattern::previous);
  EXPECT_EQ(pattern({.next = 0.51}), Pattern::next);
  EXPECT_EQ(pattern({.self = 0.51}), Pattern::self);
  EXPECT_EQ(pattern({.cls = 0.61}), Pattern::cls);
  EXPECT_EQ(pattern({.sep = 0.61}), Pattern::sep);
  EXPECT_EQ(pattern({.punctuation = 0.61}), Pattern::punctuation);
  EXPECT_EQ(pattern({.same_word = 0.51}), Pattern::same_word);
  EXPECT_EQ(pattern({.cls = 0.7, .sep = 0.8}), Pattern::sep);
  EXPECT_EQ(pattern({.next = 0.55, .same_word = 0.9}), Pattern::same_word);
}

TEST(Patterns, BelowEveryThresholdAreBroadOrMixed) {
  EXPECT_EQ(pattern({.entropy = 3.9, .next = 0.5, .cls = 0.6}), Pattern::broad);
  EXPECT_EQ(pattern({.entropy = 3.8, .cls = 0.55, .sep = 0.55}), Pattern::mixed);
  EXPECT_EQ(pattern({.entropy = 4.5, .next = 0.7}), Pattern::next);
}

TEST(Patterns, HaveNames) {
  EXPECT_EQ(name(Pattern::same_word), std::string("same_word"));
  EXPECT_EQ(name(Pattern::mixed), std::string("mixed"));
}

}  // namespace
}  // namespace attnscope::analysis
