// SPDX-License-Identifier: Apache-2.0
#include "serve/document_store.h"

#include <algorithm>
#include <numeric>

#include "core/message.h"
#include "core/utf8.h"
#include "serve/guard.h"
#include "serve/http.h"

namespace attnscope::serve {
namespace {

/// The beginning of a text.
std::string title_of(const std::string& text) {
  constexpr int kMostCharacters = 60;
  std::size_t end = 0;
  for (int i = 0; i < kMostCharacters && end < text.size(); ++i)
    end += static_cast<std::size_t>(std::max(decode_utf8(text, end).length, 1));
  return end < text.size() ? text.substr(0, end) + "..." : text;
}

}  // namespace

DocumentStore::DocumentStore(std::size_t most_bytes)
    : most_bytes_(most_bytes), prefix_(random_token().substr(0, 8)) {}

std::string DocumentStore::add(Document document) {
  const std::size_t size_bytes =
      static_cast<std::size_t>(document.attentions().count()) * sizeof(float) + document.report().size();
  const std::lock_guard lock(mutex_);
  std::string id = fmt::format("{}-{}", prefix_, ++added_);
  kept_.push_back({id, std::move(document), size_bytes, ++uses_});
  forget();
  return id;
}

void DocumentStore::forget() {
  const auto total = [this] {
    return std::accumulate(kept_.begin(), kept_.end(), std::size_t{0},
                           [](std::size_t sum, const Kept& kept) { return sum + kept.size_bytes; });
  };
  while (kept_.size() > 1 && total() > most_bytes_) {
    const auto newest = std::prev(kept_.end());
    kept_.erase(std::min_element(kept_.begin(), newest, [](const Kept& left, const Kept& right) {
      return left.last_use < right.last_use;
    }));
  }
}

Document DocumentStore::find(const std::string& id) {
  const std::lock_guard lock(mutex_);
  for (Kept& kept : kept_) {
    if (kept.id != id) continue;
    kept.last_use = ++uses_;
    return kept.document;
  }
  throw Refused{404, problem(ErrorKind::usage, "NO_DOCUMENT", "documents")
                         .found("no document '{}'", id)
                         .hint("the server may have forgotten it; run the text again")};
}

std::vector<DocumentStore::Entry> DocumentStore::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Entry> entries;
  for (const Kept& kept : kept_) entries.push_back({kept.id, title_of(kept.document.text())});
  return entries;
}

}  // namespace attnscope::serve
