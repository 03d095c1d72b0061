// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/trie.h"
#include "tokenizer/vocabulary.h"
#include "tokenizer/wordpiece.h"

namespace attnscope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words_of(PreTokenizer kind, const std::string& text) {
  std::vector<Word> words;
  split_words(kind, text, 0, text.size(), words);
  std::vector<std::string> texts;
  for (const Word& word : words) texts.push_back(text.substr(word.begin, word.end - word.begin));
  return texts;
}

Vocabulary make_vocabulary(std::initializer_list<const char*> tokens) {
  Vocabulary vocabulary;
  std::uint32_t id = 0;
  for (const char* const token : tokens) vocabulary.set(token, id++);
  return vocabulary;
}

std::vector<std::uint32_t> pieces_of(const Vocabulary& vocabulary, std::string_view word,
                                     const WordPieceOptions& options = {}) {
  std::vector<Piece> pieces;
  WordPiece(vocabulary, options).append_pieces(word, pieces);
  std::vector<std::uint32_t> ids;
  for (const Piece& piece : pieces) ids.push_back(piece.id);
  return ids;
}

TEST(PreTokenizer, SplitsAtBlanksAndAroundPunctuation) {
  EXPECT_THAT(words_of(PreTokenizer::bert, " don't\u3000stop。 "),
              ElementsAre("don", "'", "t", "stop", "。"));
}

TEST(PreTokenizer, OfNoKindMakesOneWord) {
  EXPECT_THAT(words_of(PreTokenizer::none, "a b."), ElementsAre("a b."));
  EXPECT_THAT(words_of(PreTokenizer::none, ""), IsEmpty());
}

TEST(Trie, FindsTheLongestKeyAfterANode) {
  Trie trie;
  trie.insert("ab", 1);
  trie.insert("abcd", 2);
  const Trie::Match match = trie.longest_match(Trie::kRoot, "abcx");
  EXPECT_EQ(match.length, 2U);
  EXPECT_EQ(match.value, 1U);
  EXPECT_EQ(trie.longest_match(trie.walk(Trie::kRoot, "ab"), "cde").value, 2U);
  EXPECT_EQ(trie.longest_match(Trie::kRoot, "b").length, 0U);
}

TEST(Trie, GrowsBeyondItsFirstTable) {
  Trie trie;
  for (std::uint32_t i = 0; i < 20000; ++i) trie.insert(std::to_string(i), i);
  for (std::uint32_t i = 0; i < 20000; ++i) ASSERT_EQ(trie.find(std::to_string(i)), i);
  EXPECT_FALSE(trie.find("20000"));
}

TEST(Vocabulary, ATokenThatComesAgainMovesToTheLaterId) {
  const Vocabulary vocabulary = make_vocabulary({"a", "b", "a"});
  EXPECT_EQ(vocabulary.id("a"), 2U);
  EXPECT_EQ(vocabulary.token(0), nullptr);
  EXPECT_EQ(vocabulary.size(), 2U);
  EXPECT_EQ(vocabulary.id_limit(), 3U);
}

TEST(WordPiece, TakesTheLongestPieceFirst) {
  const Vocabulary vocabulary = make_vocabulary({"[UNK]", "un", "una", "##aff", "##ff", "##able"});
  EXPECT_THAT(pieces_of(vocabulary, "unaffable"), ElementsAre(2, 4, 5));
}

TEST(WordPiece, AWordWithAPieceThatIsNotThereIsUnknownAsAWhole) {
  const Vocabulary vocabulary = make_vocabulary({"[UNK]", "un", "##able"});
  EXPECT_THAT(pieces_of(vocabulary, "unxable"), ElementsAre(0));
  EXPECT_THAT(pieces_of(make_vocabulary({"[UNK]", "a"}), "aa"), ElementsAre(0));
}

TEST(WordPiece, CountsCharactersAndNotBytesOfALongWord) {
  const Vocabulary vocabulary = make_vocabulary({"[UNK]", "é", "##é"});
  const WordPieceOptions options{.max_chars_per_word = 3};
  EXPECT_THAT(pieces_of(vocabulary, "ééé", options), ElementsAre(1, 2, 2));
  EXPECT_THAT(pieces_of(vocabulary, "éééé", options), ElementsAre(0));
}

}  // namespace
}  // namespace attnscope
