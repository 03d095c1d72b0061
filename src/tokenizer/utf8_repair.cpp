// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/utf8_repair.h"

#include <algorithm>
#include <iterator>

#include "core/utf8.h"

namespace attnscope {
namespace {

/// What may follow a lead byte; the first continuation byte has a narrower range after some of them.
struct Form {
  std::size_t length = 1;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Form form_of(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {2};
  if (lead == 0xE0) return {3, 0xA0};
  if (lead == 0xED) return {3, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {3};
  if (lead == 0xF0) return {4, 0x90};
  if (lead == 0xF4) return {4, 0x80, 0x8F};
  if (lead >= 0xF1 && lead <= 0xF3) return {4};
  return {};
}

/// Length of the longest beginning of a character at `offset`, at least 1: one U+FFFD stands for it.
/// Source: Unicode standard 3.9, "substitution of maximal subparts".
std::size_t bad_length(std::string_view text, std::size_t offset) {
  const Form form = form_of(static_cast<unsigned char>(text[offset]));
  unsigned char low = form.low;
  unsigned char high = form.high;
  std::size_t length = 1;
  while (length < form.length && offset + length < text.size()) {
    const auto byte = static_cast<unsigned char>(text[offset + length]);
    if (byte < low || byte > high) break;
    low = 0x80;
    high = 0xBF;
    ++length;
  }
  return length;
}

}  // namespace

RepairedText::RepairedText(std::string_view original) {
  std::size_t begin = 0;
  while (const auto bad = find_invalid_utf8(original.substr(begin))) {
    text_.append(original, begin, *bad);
    begin += *bad;
    append_utf8(text_, 0xFFFD);
    begin += bad_length(original, begin);
    patches_.push_back({text_.size(), begin});
  }
  text_.append(original, begin);
}

std::size_t RepairedText::original_offset(std::size_t offset) const {
  const auto next = std::ranges::upper_bound(patches_, offset, {}, &Patch::repaired_end);
  if (next == patches_.begin()) return offset;
  const Patch& patch = *std::prev(next);
  return patch.original_end + (offset - patch.repaired_end);
}

}  // namespace attnscope
