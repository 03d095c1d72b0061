// SPDX-License-Identifier: Apache-2.0
#include "nn/batch.h"

#include <algorithm>

namespace attnscope::nn {

std::int64_t Batch::max_seq_len() const {
  std::int64_t longest = 0;
  for (std::int64_t text = 0; text < num_texts(); ++text) longest = std::max(longest, seq_len(text));
  return longest;
}

bool Batch::is_uniform() const {
  for (std::int64_t text = 1; text < num_texts(); ++text)
    if (seq_len(text) != seq_len(0)) return false;
  return true;
}

void Batch::close_text(std::int64_t unattended, std::int64_t pooled) {
  const std::int64_t length = static_cast<std::int64_t>(input_ids.size()) - offsets.back();
  offsets.push_back(offsets.back() + length);
  num_unattended.push_back(unattended);
  pooled_tokens.push_back(pooled);
  squares.push_back(squares.back() + length * length);
}

}  // namespace attnscope::nn
