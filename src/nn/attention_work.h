// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "nn/batch.h"
#include "nn/plan.h"

namespace attnscope::nn {

/// Query rows of an item: enough to share the packing of the keys, few enough to balance threads; fewer when
/// an item has all heads.
[[nodiscard]] constexpr std::int64_t query_block(bool combined) { return combined ? 32 : 64; }

/// Query rows of some heads of one text: what a thread takes at a time.
struct AttentionItem {
  std::int64_t text;
  std::int64_t first_head;  // heads [first, last) in the order of the list
  std::int64_t last_head;
  std::int64_t first;  // query rows [first, last)
  std::int64_t last;
  std::int64_t sums;  // where its column sums start, of each head [seq_len]
};

/// All of a layer, costly items first, so that no thread gets a long one at the end. Of the items of one head
/// of one text, earlier rows come first.
struct AttentionList {
  std::vector<std::int64_t> heads;
  std::vector<AttentionItem> items;
  std::int64_t sums = 0;  // floats
};

/// What a layer computes of its attention.
enum class AttentionPart {
  everything,  ///< all heads and rows
  wanted,      ///< the heads and rows of the plan
};

/// The lists of one run, made when a layer first needs them: the layers share them.
class AttentionWork {
 public:
  /// Forgets the lists, keeps their memory.
  void reset() { made_ = {}; }
  /// `combined`: the wanted heads of a block of rows are one item, as their weights go to one place.
  [[nodiscard]] const AttentionList& list(const Batch& batch, const Plan& plan, std::int64_t num_heads,
                                          AttentionPart part, bool combined);

 private:
  std::array<AttentionList, 4> lists_;
  std::array<bool, 4> made_{};
};

}  // namespace attnscope::nn
