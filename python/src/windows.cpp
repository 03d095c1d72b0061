// SPDX-License-Identifier: Apache-2.0
#include "windows.h"

#include <algorithm>
#include <string>

#include "attnscope/error.h"

namespace attnscope::python {
namespace {

/// Tokens of one text, counted from its first.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

std::int64_t count_tokens(const Encoding& encoding, std::int64_t sequence) {
  return std::ranges::count(encoding.sequence_ids, std::optional<std::int64_t>(sequence));
}

void check_stride(std::int64_t stride, std::int64_t kept) {
  if (stride >= 0 && stride < kept) return;
  ErrorInfo info;
  info.kind = ErrorKind::usage;
  info.code = "TOK_TRUNC";
  info.file = info.field = "stride";
  info.what = "is " + std::to_string(stride) + ", but a window has room for " + std::to_string(kept) +
              " tokens of the text";
  info.hint = "give a smaller stride, at least 0, or raise max_length";
  throw InvalidArgument(info);
}

std::vector<Range> cut(std::int64_t length, std::int64_t kept, std::int64_t stride, TruncationSide side) {
  if (kept >= length) return {{0, length}};
  if (kept == 0) return {{0, 0}, {0, length}};
  check_stride(stride, kept);
  std::vector<Range> ranges;
  for (std::int64_t skipped = 0;; skipped += kept - stride) {
    const std::int64_t end = std::min(skipped + kept, length);
    ranges.push_back(side == TruncationSide::right ? Range{skipped, end}
                                                   : Range{length - end, length - skipped});
    if (end == length) return ranges;
  }
}

void append_token(const Encoding& from, std::size_t i, Encoding& to) {
  to.tokens.push_back(from.tokens[i]);
  to.input_ids.push_back(from.input_ids[i]);
  to.token_type_ids.push_back(from.token_type_ids[i]);
  to.offsets.push_back(from.offsets[i]);
  to.word_ids.push_back(from.word_ids[i]);
  to.sequence_ids.push_back(from.sequence_ids[i]);
  to.special_tokens_mask.push_back(from.special_tokens_mask[i]);
}

/// The template's tokens and, of each text, those of its range.
Encoding select(const Encoding& whole, const Range& first, const Range& second) {
  Encoding window;
  std::int64_t positions[2] = {0, 0};
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole.sequence_ids[i]) {
      const auto sequence = static_cast<std::size_t>(*whole.sequence_ids[i]);
      const Range& range = sequence == 0 ? first : second;
      const std::int64_t position = positions[sequence]++;
      if (position < range.begin || position >= range.end) continue;
    }
    append_token(whole, i, window);
  }
  return window;
}

}  // namespace

std::vector<Encoding> windows_of(const Encoding& whole, const Encoding& kept, std::int64_t stride,
                                 TruncationSide side) {
  if (whole.size() == kept.size()) return {whole};
  const auto first = cut(count_tokens(whole, 0), count_tokens(kept, 0), stride, side);
  const auto second = cut(count_tokens(whole, 1), count_tokens(kept, 1), stride, side);
  std::vector<Encoding> windows{select(whole, first[0], second[0])};
  for (std::size_t i = 1; i < first.size(); ++i)
    for (const Range& range : second) windows.push_back(select(whole, first[i], range));
  for (std::size_t i = 1; i < second.size(); ++i) windows.push_back(select(whole, first[0], second[i]));
  return windows;
}

}  // namespace attnscope::python
