// SPDX-License-Identifier: Apache-2.0
// Small matrix products from registers, for attention and for Linear layers where oneDNN has no kernel whose
// bits are independent of the number of rows. One float of the result is always the chain
//   fma(left[depth - 1], right[depth - 1], ... fma(left[0], right[0], 0))
// whatever tile, row or lane it falls into: that is what makes results equal in every bit. Long ones are cut
// into chains of kChain, which are added up in order: a single chain has three times the error at a depth of
// 3072.
//
// A packed right side [depth, columns] consists of panels of kPanel columns, each contiguous [depth, panel
// width]; the last one is narrower, padded with zero columns to a whole number of vectors.
#if defined(ATTNSCOPE_KERNELS_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATTNSCOPE_KERNELS_TILE_INL_H_
#undef ATTNSCOPE_KERNELS_TILE_INL_H_
#else
#define ATTNSCOPE_KERNELS_TILE_INL_H_
#endif

#include <algorithm>
#include <cstdint>
#include <limits>

#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

constexpr int kTileRows = 4;
constexpr int kTileVectors = kLanes == 16 ? 4 : 3;  // sums and one row of operands fill 32 or 16 registers
constexpr std::int64_t kPanel = kTileVectors * kLanes;
// Without FMA a tile fills the registers so tightly that cutting costs 36 %.
constexpr std::int64_t kChain = HWY_NATIVE_FMA ? 256 : std::numeric_limits<std::int64_t>::max();

HWY_INLINE std::int64_t padded(std::int64_t columns) { return (columns + kLanes - 1) / kLanes * kLanes; }

struct Panel {
  std::int64_t first;  // column
  std::int64_t width;  // a multiple of kLanes
};

HWY_INLINE Panel panel_of(std::int64_t column, std::int64_t columns) {
  const std::int64_t first = column / kPanel * kPanel;
  return {first, std::min(kPanel, padded(columns) - first)};
}

struct LoadWhole {
  HWY_INLINE Vector operator()(const float* source) const { return hn::LoadU(Floats(), source); }
};
struct LoadFirst {
  std::int64_t lanes;
  HWY_INLINE Vector operator()(const float* source) const { return load_first(source, lanes); }
};

// Rows of a left side, which has a stride between them.
struct Left {
  const float* first;
  std::int64_t stride;
};

struct RowRange {
  std::int64_t first;
  std::int64_t last;
};

// Rows [row, row + kTileRows) of left * right, whose vector v goes to store(row, v, sum). Rows that would lie
// behind `last` repeat the row before it: they compute and store the same numbers once more instead of
// needing code.
template <int kVectors, class Load, class Store>
HWY_INLINE void multiply_tile(Left left, std::int64_t row, std::int64_t last, const float* right,
                              std::int64_t right_stride, std::int64_t depth, const Load& load_right,
                              const Store& store) {
  const float* factors[kTileRows];
  HWY_ALIGN float total[kTileRows][kVectors * kLanes];  // of the chains before; registers are full
  Vector sum[kTileRows][kVectors];
  for (int r = 0; r < kTileRows; ++r) factors[r] = left.first + std::min(row + r, last - 1) * left.stride;
  std::int64_t done = 0;
  do {
    const std::int64_t length = std::min(depth - done, kChain);
    for (int r = 0; r < kTileRows; ++r)
      for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::Zero(Floats());
    for (std::int64_t k = 0; k < length; ++k) {
      Vector operand[kVectors];
      for (int v = 0; v < kVectors; ++v) operand[v] = load_right(right + k * right_stride + v * kLanes);
      for (int r = 0; r < kTileRows; ++r) {
        const Vector factor = set(factors[r][k]);
        for (int v = 0; v < kVectors; ++v) sum[r][v] = hn::MulAdd(factor, operand[v], sum[r][v]);
      }
    }
    right += length * right_stride;
    for (int r = 0; r < kTileRows; ++r) factors[r] += length;
    for (int r = 0; r < kTileRows; ++r)
      for (int v = 0; v < kVectors; ++v) {
        float* chains = total[r] + v * kLanes;
        if (done > 0) sum[r][v] = hn::Add(hn::Load(Floats(), chains), sum[r][v]);
        if (done + length < depth) hn::Store(sum[r][v], Floats(), chains);
      }
    done += length;
  } while (done < depth);
  for (int r = 0; r < kTileRows; ++r)
    for (int v = 0; v < kVectors; ++v) store(std::min(row + r, last - 1), v, sum[r][v]);
}

// Rows of left * right for kVectors vectors of columns, from `column` on, to store(row, column, sum).
template <int kVectors, class Load, class Store>
HWY_INLINE void multiply_columns(Left left, RowRange rows, const float* right, std::int64_t right_stride,
                                 std::int64_t depth, const Load& load_right, std::int64_t column,
                                 const Store& store) {
  const auto store_tile = [&](std::int64_t row, int v, Vector sum)
                              HWY_ATTR { store(row, column + v * kLanes, sum); };
  for (std::int64_t row = rows.first; row < rows.last; row += kTileRows)
    multiply_tile<kVectors>(left, row, rows.last, right, right_stride, depth, load_right, store_tile);
}

template <class Store>
HWY_INLINE void multiply_panel(Left left, RowRange rows, const float* packed, Panel panel, std::int64_t depth,
                               const Store& store) {
  const float* right = packed + panel.first * depth;
  const LoadWhole load;
  switch (panel.width / kLanes) {
    case 1:
      return multiply_columns<1>(left, rows, right, panel.width, depth, load, panel.first, store);
    case 2:
      return multiply_columns<2>(left, rows, right, panel.width, depth, load, panel.first, store);
    case 3:
      return multiply_columns<3>(left, rows, right, panel.width, depth, load, panel.first, store);
    default:
      return multiply_columns<kTileVectors>(left, rows, right, panel.width, depth, load, panel.first, store);
  }
}

template <class Store>
HWY_INLINE void multiply_packed(Left left, RowRange rows, const float* packed, std::int64_t columns,
                                std::int64_t depth, const Store& store) {
  for (std::int64_t column = 0; column < columns; column += kPanel)
    multiply_panel(left, rows, packed, panel_of(column, columns), depth, store);
}

// The same for a right side that is not packed: [depth, columns] with a stride.
template <class Store>
HWY_INLINE void multiply_unpacked(Left left, RowRange rows, const float* right, std::int64_t right_stride,
                                  std::int64_t columns, std::int64_t depth, const Store& store) {
  std::int64_t column = 0;
  for (; column + kPanel <= columns; column += kPanel)
    multiply_columns<kTileVectors>(left, rows, right + column, right_stride, depth, LoadWhole(), column,
                                   store);
  for (; column + kLanes <= columns; column += kLanes)
    multiply_columns<1>(left, rows, right + column, right_stride, depth, LoadWhole(), column, store);
  if (column < columns)
    multiply_columns<1>(left, rows, right + column, right_stride, depth, LoadFirst{columns - column}, column,
                        store);
}

// Packs source [depth, columns] with a stride between its rows.
HWY_INLINE void pack_rows(const float* source, std::int64_t stride, std::int64_t depth, std::int64_t columns,
                          float* packed) {
  for (std::int64_t column = 0; column < columns; column += kPanel) {
    const Panel panel = panel_of(column, columns);
    float* target = packed + panel.first * depth;
    for (std::int64_t k = 0; k < depth; ++k)
      for (std::int64_t c = 0; c < panel.width; c += kLanes) {
        const std::int64_t lanes = std::min(kLanes, columns - column - c);
        hn::StoreU(load(source + k * stride + column + c, lanes), Floats(), target + k * panel.width + c);
      }
  }
}

// One column after another, for what the blocks of four leave.
HWY_INLINE void transpose_column(const float* source, std::int64_t first_k, std::int64_t depth, float* target,
                                 std::int64_t target_stride) {
  for (std::int64_t k = first_k; k < depth; ++k)
    target[k * target_stride] = source != nullptr ? source[k] : 0.0F;
}

// Four columns of the result from four rows of the source; returns the depth that is done.
HWY_INLINE std::int64_t transpose_four(const float* source, std::int64_t stride, std::int64_t depth,
                                       float* target, std::int64_t target_stride) {
#if HWY_TARGET == HWY_SCALAR
  (void)source, (void)stride, (void)depth, (void)target, (void)target_stride;
  return 0;
#else
  const hn::FixedTag<float, 4> four;
  std::int64_t k = 0;
  for (; k + 4 <= depth; k += 4) {
    const auto a = hn::LoadU(four, source + k);
    const auto b = hn::LoadU(four, source + k + stride);
    const auto c = hn::LoadU(four, source + k + 2 * stride);
    const auto d = hn::LoadU(four, source + k + 3 * stride);
    const auto ac_low = hn::InterleaveLower(four, a, c);
    const auto bd_low = hn::InterleaveLower(four, b, d);
    const auto ac_high = hn::InterleaveUpper(four, a, c);
    const auto bd_high = hn::InterleaveUpper(four, b, d);
    float* out = target + k * target_stride;
    hn::StoreU(hn::InterleaveLower(four, ac_low, bd_low), four, out);
    hn::StoreU(hn::InterleaveUpper(four, ac_low, bd_low), four, out + target_stride);
    hn::StoreU(hn::InterleaveLower(four, ac_high, bd_high), four, out + 2 * target_stride);
    hn::StoreU(hn::InterleaveUpper(four, ac_high, bd_high), four, out + 3 * target_stride);
  }
  return k;
#endif
}

// Packs the transpose of source [columns, depth] with a stride between its rows; columns [first, last) of it,
// where first is the start of a panel and last the end of one or `columns`.
HWY_INLINE void pack_transposed(const float* source, std::int64_t stride, std::int64_t columns,
                                std::int64_t depth, std::int64_t first, std::int64_t last, float* packed) {
  constexpr std::int64_t kStep = std::min<std::int64_t>(4, kLanes);
  for (std::int64_t column = first; column < padded(last); column += kStep) {
    const Panel panel = panel_of(column, columns);
    float* target = packed + panel.first * depth + (column - panel.first);
    const float* rows = source + column * stride;
    const std::int64_t done =
        column + kStep <= columns ? transpose_four(rows, stride, depth, target, panel.width) : 0;
    for (std::int64_t c = 0; c < kStep; ++c)
      transpose_column(column + c < columns ? rows + c * stride : nullptr, done, depth, target + c,
                       panel.width);
  }
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
