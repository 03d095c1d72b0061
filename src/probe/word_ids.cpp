// SPDX-License-Identifier: Apache-2.0
#include "probe/word_ids.h"

#include <algorithm>

namespace attnscope {

std::vector<std::int64_t> flat_word_ids(const Encoding& text) {
  std::vector<std::int64_t> ids;
  std::int64_t words_before = 0;  // the current text of a pair
  std::int64_t end = 0;           // one past the largest id so far
  std::int64_t sequence = 0;
  for (std::size_t token = 0; token < text.word_ids.size(); ++token) {
    if (!text.word_ids[token]) {
      ids.push_back(-1);
      continue;
    }
    const std::int64_t of = text.sequence_ids[token].value_or(0);
    if (of != sequence) words_before = end;
    sequence = of;
    ids.push_back(words_before + *text.word_ids[token]);
    end = std::max(end, ids.back() + 1);
  }
  return ids;
}

}  // namespace attnscope
