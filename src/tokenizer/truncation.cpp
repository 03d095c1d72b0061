// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/truncation.h"

#include <algorithm>
#include <utility>

#include "core/message.h"

namespace attnscope {
namespace {

/// The shorter text keeps all it can; if both are too long they share half and half, the odd token going to
/// the longer one.
SequenceLengths truncate_longest(const SequenceLengths& lengths, std::size_t budget) {
  if (!lengths.second) return {budget, std::nullopt};
  const bool swapped = lengths.first > *lengths.second;
  std::size_t shorter = std::min(lengths.first, *lengths.second);
  std::size_t longer = shorter > budget ? shorter : std::max(shorter, budget - shorter);
  if (shorter + longer > budget) {
    shorter = budget / 2;
    longer = shorter + budget % 2;
  }
  if (swapped) std::swap(shorter, longer);
  return {shorter, longer};
}

[[noreturn]] void refuse(std::size_t length, std::size_t excess) {
  throw TextError(problem(ErrorKind::input, "TOK_TRUNC", "text")
                      .found("has {} tokens, {} would have to go", length, excess)
                      .hint("truncate the longest text first, or raise the maximum length"));
}

}  // namespace

std::size_t length_budget(std::int64_t max_length, std::size_t specials) {
  if (max_length >= 0 && static_cast<std::size_t>(max_length) >= specials) {
    return static_cast<std::size_t>(max_length) - specials;
  }
  throw InvalidArgument(problem(ErrorKind::usage, "TOK_TRUNC", "max_length")
                            .found("is {}, but the special tokens alone are {}", max_length, specials)
                            .hint("raise it, or encode without special tokens"));
}

SequenceLengths truncate(const SequenceLengths& lengths, std::size_t budget, TruncationStrategy strategy) {
  if (lengths.total() <= budget) return lengths;
  SequenceLengths kept = lengths;
  if (budget == 0) {
    kept.first = 0;
    if (kept.second) kept.second = 0;
    return kept;
  }
  if (strategy == TruncationStrategy::longest_first) return truncate_longest(lengths, budget);
  if (strategy == TruncationStrategy::only_second && !lengths.second) {
    throw InvalidArgument(problem(ErrorKind::usage, "TOK_TRUNC", "truncation")
                              .found("only the second text may lose tokens, but there is none")
                              .hint("truncate the first or the longest text"));
  }
  std::size_t& target = strategy == TruncationStrategy::only_first ? kept.first : *kept.second;
  const std::size_t excess = lengths.total() - budget;
  if (target <= excess) refuse(target, excess);
  target -= excess;
  return kept;
}

std::vector<TokenRange> overlapping_windows(std::size_t length, std::size_t budget, std::int64_t stride) {
  if (stride < 0 || static_cast<std::size_t>(stride) >= budget) {
    throw InvalidArgument(problem(ErrorKind::usage, "TOK_TRUNC", "stride")
                              .found("is {}, but a window has room for {} tokens of the text", stride, budget)
                              .hint("give a smaller stride, at least 0, or raise the maximum length"));
  }
  const std::size_t step = budget - static_cast<std::size_t>(stride);
  std::vector<TokenRange> windows{{0, std::min(budget, length)}};
  while (windows.back().end < length) {
    const std::size_t begin = windows.back().begin + step;
    windows.push_back({begin, std::min(begin + budget, length)});
  }
  return windows;
}

}  // namespace attnscope
