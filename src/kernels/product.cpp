// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "kernels/kernels.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product.cpp"
// Compiles the rest of this file once per instruction set.
#include "hwy/foreach_target.h"
#include "kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

std::int64_t weight_panels(std::int64_t out) { return (out + kPanel - 1) / kPanel; }
std::int64_t packed_weight_floats(std::int64_t out, std::int64_t in) { return padded(out) * in; }

void pack_weight(const float* weight, std::int64_t out, std::int64_t in, std::int64_t panel, float* packed) {
  const std::int64_t first = panel * kPanel;
  pack_transposed(weight, in, out, in, first, std::min(first + kPanel, out), packed);
}

void unpack_weight(const float* packed, std::int64_t out, std::int64_t in, std::int64_t panel,
                   float* weight) {
  const Panel columns = panel_of(panel * kPanel, out);
  const float* source = packed + columns.first * in;
  const std::int64_t count = std::min(columns.width, out - columns.first);
  for (std::int64_t column = 0; column < count; ++column)
    for (std::int64_t k = 0; k < in; ++k)
      weight[(columns.first + column) * in + k] = source[k * columns.width + column];
}

struct StoreProduct {
  const PackedProduct& product;
  HWY_INLINE void operator()(std::int64_t row, std::int64_t column, Vector sum) const {
    const std::int64_t lanes = std::min(kLanes, product.out - column);
    if (product.bias != nullptr) sum = hn::Add(sum, load(product.bias + column, lanes));
    float* target = product.output + row * product.output_stride + column;
    if (lanes == kLanes) return hn::StoreU(sum, Floats(), target);
    store_first(sum, target, lanes);
  }
};

void packed_product(const PackedProduct& product, std::int64_t panel, std::int64_t first, std::int64_t last) {
  multiply_panel({product.input, product.input_stride}, {first, last}, product.packed,
                 panel_of(panel * kPanel, product.out), product.in, StoreProduct{product});
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attnscope::kernels {

HWY_EXPORT(weight_panels);
HWY_EXPORT(packed_weight_floats);
HWY_EXPORT(pack_weight);
HWY_EXPORT(unpack_weight);
HWY_EXPORT(packed_product);

std::int64_t weight_panels(std::int64_t out) {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(weight_panels)(out);
}

std::int64_t packed_weight_floats(std::int64_t out, std::int64_t in) {
  choose_instruction_set();
  return HWY_DYNAMIC_DISPATCH(packed_weight_floats)(out, in);
}

void pack_weight(const float* weight, std::int64_t out, std::int64_t in, std::int64_t panel, float* packed) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(pack_weight)(weight, out, in, panel, packed);
}

void unpack_weight(const float* packed, std::int64_t out, std::int64_t in, std::int64_t panel,
                   float* weight) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(unpack_weight)(packed, out, in, panel, weight);
}

void packed_product(const PackedProduct& product, std::int64_t panel, std::int64_t first, std::int64_t last) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(packed_product)(product, panel, first, last);
}

}  // namespace attnscope::kernels
#endif
