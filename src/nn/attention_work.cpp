// SPDX-License-Identifier: Apache-2.0
#include "nn/attention_work.h"

#include <algorithm>
#include <tuple>

namespace attnscope::nn {
namespace {

// Wanted heads in their order, then the others, whose context alone is needed.
void put_heads(AttentionList& list, const Plan& plan, std::int64_t num_heads, AttentionPart part) {
  list.heads = plan.heads;
  if (part == AttentionPart::wanted) return;
  for (std::int64_t head = 0; head < num_heads; ++head)
    if (std::find(plan.heads.begin(), plan.heads.end(), head) == plan.heads.end()) list.heads.push_back(head);
}

}  // namespace

const AttentionList& AttentionWork::list(const Batch& batch, const Plan& plan, std::int64_t num_heads,
                                         AttentionPart part, bool combined) {
  const std::size_t index = (part == AttentionPart::wanted ? 2U : 0U) + (combined ? 1U : 0U);
  AttentionList& list = lists_[index];
  if (made_[index]) return list;
  made_[index] = true;
  put_heads(list, plan, num_heads, part);
  const auto heads = static_cast<std::int64_t>(list.heads.size());
  const std::int64_t heads_of_item = combined ? heads : 1;
  const std::int64_t block = query_block(combined);
  list.items.clear();
  list.sums = 0;
  for (std::int64_t text = 0; text < batch.num_texts(); ++text) {
    const bool some_rows = part == AttentionPart::wanted && plan.rows.has_value();
    const std::int64_t rows = some_rows ? plan.rows->count(text) : batch.seq_len(text);
    for (std::int64_t head = 0; head < heads; head += heads_of_item)
      for (std::int64_t first = 0; first < rows; first += block) {
        list.items.push_back(
            {text, head, head + heads_of_item, first, std::min(first + block, rows), list.sums});
        list.sums += heads_of_item * batch.seq_len(text);
      }
  }
  const auto order = [&](const AttentionItem& item) {
    return std::tuple(-(item.last - item.first) * batch.seq_len(item.text), item.text, item.first_head,
                      item.first);
  };
  std::sort(list.items.begin(), list.items.end(),
            [&](const AttentionItem& a, const AttentionItem& b) { return order(a) < order(b); });
  return list;
}

}  // namespace attnscope::nn
