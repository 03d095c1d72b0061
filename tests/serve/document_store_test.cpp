// SPDX-License-Identifier: Apache-2.0
#include "serve/document_store.h"

#include <gmock/gmock.h>

#include "serve/http.h"

namespace attnscope::serve {
namespace {

/// One layer and head of `n` tokens: n * n floats.
Document document(std::int64_t n, const std::string& text = {}) {
  Document::Attention attention;
  attention.weights = Tensor::of(
      {1, 1, n, n}, std::vector<float>(static_cast<std::size_t>(n * n), 1.0F / static_cast<float>(n)));
  attention.tokens.assign(static_cast<std::size_t>(n), "a");
  attention.text = text;
  if (!text.empty()) attention.offsets.assign(static_cast<std::size_t>(n), Span{0, 1});
  return Document::of(attention);
}

bool has(DocumentStore& store, const std::string& id) {
  try {
    static_cast<void>(store.find(id));
    return true;
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.status, 404);
    return false;
  }
}

constexpr std::int64_t kTokens = 64;

TEST(DocumentStore, ForgetsWhatWasNotUsedForTheLongestTime) {
  const std::size_t size = document(kTokens).report().size() + kTokens * kTokens * sizeof(float);
  DocumentStore store(2 * size);
  const std::string first = store.add(document(kTokens));
  const std::string second = store.add(document(kTokens));
  EXPECT_TRUE(has(store, first));  // a use
  const std::string third = store.add(document(kTokens));
  EXPECT_TRUE(has(store, first));
  EXPECT_FALSE(has(store, second));
  EXPECT_TRUE(has(store, third));
}

TEST(DocumentStore, KeepsTheNewestWhateverItsSize) {
  DocumentStore store(1);
  const std::string first = store.add(document(2));
  const std::string second = store.add(document(2));
  EXPECT_FALSE(has(store, first));
  EXPECT_TRUE(has(store, second));
  EXPECT_FALSE(has(store, "x"));
}

TEST(DocumentStore, ListsTitlesTheNewestLast) {
  DocumentStore store(1 << 20);
  std::string text;
  for (int i = 0; i < 70; ++i) text += "\xC3\xA4";
  const std::string first = store.add(document(2, "ab"));
  const std::string second = store.add(document(2, text));
  const auto entries = store.list();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].id, first);
  EXPECT_EQ(entries[0].title, "ab");
  EXPECT_EQ(entries[1].id, second);
  EXPECT_EQ(entries[1].title, text.substr(0, 120) + "...");
}

}  // namespace
}  // namespace attnscope::serve
