// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "attnscope/tokenizer.h"

namespace attnscope {

/// Number of tokens of a text, or of the two texts of a pair, without those that the template adds.
struct SequenceLengths {
  std::size_t first = 0;
  std::optional<std::size_t> second;
  [[nodiscard]] std::size_t total() const { return first + second.value_or(0); }
};

/// Tokens that the texts may have: max_length less what the template adds.
/// Throws:  InvalidArgument (TOK_TRUNC) if the template alone is longer.
[[nodiscard]] std::size_t length_budget(std::int64_t max_length, std::size_t specials);

/// Lengths that fit into `budget`, as the wheel shares them out.
/// Throws:  TextError (TOK_TRUNC) if the one text that may lose tokens has too few.
/// Source:  `tokenizers` utils/truncation.rs.
[[nodiscard]] SequenceLengths truncate(const SequenceLengths& lengths, std::size_t budget,
                                       TruncationStrategy strategy);

}  // namespace attnscope
