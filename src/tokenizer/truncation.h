// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

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

/// Tokens of a text from `begin` to before `end`.
struct TokenRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

/// Windows of at most `budget` of `length` tokens, at least one; each shares `stride` with the one before.
/// Throws:  InvalidArgument (TOK_TRUNC) unless 0 <= stride < budget.
/// Source:  `tokenizers` tokenizer/encoding.rs, truncate.
[[nodiscard]] std::vector<TokenRange> overlapping_windows(std::size_t length, std::size_t budget,
                                                          std::int64_t stride);

}  // namespace attnscope
