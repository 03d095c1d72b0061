// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/normalizer.h"

#include <gtest/gtest.h>

namespace attnscope {
namespace {

constexpr NormalizerOptions kUncased{
    .clean_text = true, .handle_chinese_chars = true, .strip_accents = true, .lowercase = true};
constexpr NormalizerOptions kOnlyAccents{
    .clean_text = false, .handle_chinese_chars = false, .strip_accents = true, .lowercase = false};

NormalizedText normalized(const NormalizerOptions& options, std::string_view text) {
  NormalizedText out;
  Normalizer(options).append(text, 0, text.size(), out);
  return out;
}

TEST(Normalizer, WithoutOptionsKeepsEveryByte) {
  EXPECT_EQ(Normalizer({}).normalize("É\t\xEF\xBF\xBD 漢"), "É\t\xEF\xBF\xBD 漢");
}

TEST(Normalizer, CleansLowersAndStripsAccents) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Normalizer(kUncased).normalize("Ñandú\0\tÀ\u200D"sv), "nandu a");
}

TEST(Normalizer, LowersWithoutAccentsBeingStripped) {
  EXPECT_EQ(Normalizer({.lowercase = true}).normalize("ÉİΣ"), "éi\u0307σ");
}

TEST(Normalizer, ASigmaAtTheEndOfAWordIsAnOrdinarySigma) {
  EXPECT_EQ(Normalizer(kUncased).normalize("ΣΟΦΟΣ"), "σοφοσ");
}

TEST(Normalizer, PutsBlanksAroundCjkThatPointToTheCharacter) {
  const NormalizedText text = normalized(kUncased, "x漢");
  EXPECT_EQ(text.text, "x 漢 ");
  EXPECT_EQ(text.source(1, 2).begin, 1U);
  EXPECT_EQ(text.source(5, 6).end, 4U);
}

TEST(Normalizer, HangulFallsApartIntoJamo) {
  EXPECT_EQ(Normalizer(kOnlyAccents).normalize("각가"), "\u1100\u1161\u11A8\u1100\u1161");
}

TEST(Normalizer, SortsMarksThatStayByTheirClass) {
  // U+302F (class 224) and U+1D165 (class 216) are marks that take room, so they are not stripped.
  EXPECT_EQ(Normalizer(kOnlyAccents).normalize("a\u302F\U0001D165b"), "a\U0001D165\u302Fb");
}

TEST(Normalizer, SortedMarksGetTheSourcesInTheOrderOfTheText) {
  const NormalizedText text = normalized(kOnlyAccents, "a\u302F\U0001D165");
  EXPECT_EQ(text.source(1, 5).begin, 1U);
  EXPECT_EQ(text.source(1, 5).end, 4U);
  EXPECT_EQ(text.source(5, 8).begin, 4U);
  EXPECT_EQ(text.source(5, 8).end, 8U);
}

TEST(Normalizer, PartsOfADecompositionShareTheirSource) {
  const NormalizedText text = normalized(kOnlyAccents, "x각");
  ASSERT_EQ(text.text.size(), 10U);
  EXPECT_EQ(text.source(1, 2).begin, 1U);
  EXPECT_EQ(text.source(9, 10).begin, 1U);
  EXPECT_EQ(text.source(9, 10).end, 4U);
}

}  // namespace
}  // namespace attnscope
