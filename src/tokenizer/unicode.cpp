// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/unicode.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace attnscope::unicode {
namespace {

/// The value holds from this scalar to the next range.
struct PropertyRange {
  char32_t first;
  std::uint16_t value;
};

/// Every `step`-th scalar from first to last has its lower case `delta` further on.
struct LowercaseRange {
  char32_t first;
  char32_t last;
  std::uint32_t step;
  std::int32_t delta;
};

/// Up to four scalars, the rest zero.
struct Mapping {
  char32_t scalar;
  char32_t to[4];
};

#include "tokenizer/unicode_tables.inc"

/// The first two planes hold nearly all text; they are looked up directly, the rest by search.
constexpr std::size_t kDirect = 0x20000;

constexpr std::array<std::uint16_t, kDirect> expand_ranges() {
  std::array<std::uint16_t, kDirect> values{};
  std::size_t range = 0;
  for (std::size_t scalar = 0; scalar < kDirect; ++scalar) {
    while (range + 1 < std::size(kPropertyRanges) && kPropertyRanges[range + 1].first <= scalar) ++range;
    values[scalar] = kPropertyRanges[range].value;
  }
  return values;
}
constexpr std::array<std::uint16_t, kDirect> kProperties = expand_ranges();

constexpr char32_t kHangulFirst = 0xAC00;
constexpr char32_t kHangulLast = 0xD7A3;
constexpr char32_t kVowels = 21;
constexpr char32_t kTrails = 28;  // the first stands for no trailing consonant

Expansion decompose_hangul(char32_t scalar) {
  const char32_t index = scalar - kHangulFirst;
  const char32_t trail = index % kTrails;
  Expansion jamo;
  jamo.scalars[0] = 0x1100 + index / (kVowels * kTrails);
  jamo.scalars[1] = 0x1161 + index / kTrails % kVowels;
  jamo.scalars[2] = 0x11A7 + trail;
  jamo.size = trail == 0 ? 2 : 3;
  return jamo;
}

Expansion just(char32_t scalar) { return {{scalar}, 1}; }

template <std::size_t kSize>
Expansion look_up(const Mapping (&table)[kSize], char32_t scalar) {
  const auto* const entry = std::ranges::lower_bound(table, scalar, {}, &Mapping::scalar);
  if (entry == std::end(table) || entry->scalar != scalar) return just(scalar);
  Expansion expansion;
  std::ranges::copy(entry->to, expansion.scalars);
  expansion.size = static_cast<int>(std::ranges::find(entry->to, U'\0') - entry->to);
  return expansion;
}

}  // namespace

std::uint16_t properties(char32_t scalar) {
  if (scalar < kDirect) return kProperties[scalar];
  const auto* const next = std::ranges::upper_bound(kPropertyRanges, scalar, {}, &PropertyRange::first);
  return std::prev(next)->value;
}

Expansion decompose(char32_t scalar) {
  if (!has(scalar, kDecomposes)) return just(scalar);
  if (scalar >= kHangulFirst && scalar <= kHangulLast) return decompose_hangul(scalar);
  return look_up(kDecompositions, scalar);
}

Expansion lowercase(char32_t scalar) {
  if (!has(scalar, kLowers)) return just(scalar);
  const auto* const next = std::ranges::upper_bound(kLowercaseRanges, scalar, {}, &LowercaseRange::first);
  if (next != std::begin(kLowercaseRanges)) {
    const LowercaseRange& range = *std::prev(next);
    const bool inside = scalar <= range.last && (scalar - range.first) % range.step == 0;
    if (inside) return just(static_cast<char32_t>(static_cast<std::int32_t>(scalar) + range.delta));
  }
  return look_up(kLowercaseExpansions, scalar);
}

}  // namespace attnscope::unicode
