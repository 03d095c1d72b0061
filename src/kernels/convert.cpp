// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/kernels.h"
#include "kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/convert.cpp"
// Compiles the rest of this file once per instruction set.
#include "hwy/foreach_target.h"
#include "kernels/vector-inl.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

using Bits = hn::RebindToUnsigned<Floats>;
using BitVector = hn::Vec<Bits>;
using HalfBits = hn::Rebind<std::uint16_t, Floats>;

HWY_INLINE BitVector load_half(const std::uint16_t* source, std::int64_t lanes) {
  if (lanes == kLanes) return hn::PromoteTo(Bits(), hn::LoadU(HalfBits(), source));
  HWY_ALIGN std::uint16_t buffer[kLanes] = {};
  std::memcpy(buffer, source, static_cast<std::size_t>(lanes) * sizeof(std::uint16_t));
  return hn::PromoteTo(Bits(), hn::Load(HalfBits(), buffer));
}

// Of numbers that 16 bits hold.
HWY_INLINE hn::Vec<HalfBits> narrow(BitVector values) {
  return hn::DemoteTo(HalfBits(), hn::BitCast(Ints(), values));
}

HWY_INLINE BitVector bits(std::uint32_t value) { return hn::Set(Bits(), value); }

// Sign 1, exponent 5 (bias 15), mantissa 10 bits to 1, 8 (bias 127), 23. By integers, not by the processor's
// instruction, so that payloads of NaN stay and every instruction set does the same.
HWY_INLINE Vector from_f16(BitVector half) {
  const BitVector sign = hn::ShiftLeft<16>(hn::And(half, bits(0x8000)));
  const BitVector magnitude = hn::And(half, bits(0x7FFF));
  const BitVector rebias = bits(112U << 23U);
  const BitVector finite = hn::Add(hn::ShiftLeft<13>(magnitude), rebias);
  const auto special = hn::Gt(magnitude, bits(0x7BFF));  // infinity, NaN
  const BitVector normal = hn::IfThenElse(special, hn::Add(finite, rebias), finite);
  const Vector subnormal = hn::Mul(hn::ConvertTo(Floats(), hn::BitCast(Ints(), magnitude)), set(0x1p-24F));
  const auto small = hn::Lt(magnitude, bits(0x400));
  return hn::BitCast(Floats(), hn::Or(sign, hn::IfThenElse(small, hn::BitCast(Bits(), subnormal), normal)));
}

void f16_to_f32(const std::uint16_t* source, float* output, std::int64_t count) {
  for_each_vector(count, output, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    return from_f16(load_half(source + i, lanes));
  });
}

void bf16_to_f32(const std::uint16_t* source, float* output, std::int64_t count) {
  for_each_vector(count, output, [&](std::int64_t i, std::int64_t lanes) HWY_ATTR {
    return hn::BitCast(Floats(), hn::ShiftLeft<16>(load_half(source + i, lanes)));
  });
}

// By integers, as the processor's instruction takes subnormal numbers for 0. Adding just under half of the
// last bit that is kept, and that bit itself, carries exactly where the even neighbour is above.
HWY_INLINE BitVector to_bf16(Vector value) {
  const BitVector pattern = hn::BitCast(Bits(), value);
  const BitVector last = hn::And(hn::ShiftRight<16>(pattern), bits(1));
  const BitVector rounded = hn::Add(pattern, hn::Add(last, bits(0x7FFF)));
  const auto is_nan = hn::Gt(hn::And(pattern, bits(0x7FFFFFFF)), bits(0x7F800000));
  return hn::ShiftRight<16>(hn::IfThenElse(is_nan, hn::Or(pattern, bits(0x400000)), rounded));
}

void f32_to_bf16(const float* source, std::uint16_t* output, std::int64_t count) {
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    hn::StoreU(narrow(to_bf16(hn::LoadU(Floats(), source + i))), HalfBits(), output + i);
  if (i == count) return;
  HWY_ALIGN std::uint16_t rest[kLanes];
  hn::Store(narrow(to_bf16(load_first(source + i, count - i))), HalfBits(), rest);
  std::memcpy(output + i, rest, static_cast<std::size_t>(count - i) * sizeof(std::uint16_t));
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace attnscope::kernels {

HWY_EXPORT(f16_to_f32);
HWY_EXPORT(bf16_to_f32);
HWY_EXPORT(f32_to_bf16);

void f16_to_f32(const std::uint16_t* source, float* output, std::int64_t count) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(f16_to_f32)(source, output, count);
}

void bf16_to_f32(const std::uint16_t* source, float* output, std::int64_t count) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(bf16_to_f32)(source, output, count);
}

void f32_to_bf16(const float* source, std::uint16_t* output, std::int64_t count) {
  choose_instruction_set();
  HWY_DYNAMIC_DISPATCH(f32_to_bf16)(source, output, count);
}

namespace {

float f16_value(std::uint16_t half) {
  const int exponent = (half >> 10) & 31;
  const int mantissa = half & 1023;
  const auto magnitude = [&]() -> float {
    if (exponent == 0) return std::ldexp(static_cast<float>(mantissa), -24);
    if (exponent < 31) return std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
    return mantissa == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  };
  return (half & 0x8000) != 0 ? -magnitude() : magnitude();
}

}  // namespace

void f16_to_f32_plain(const std::uint16_t* source, float* output, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) output[i] = f16_value(source[i]);
}

void bf16_to_f32_plain(const std::uint16_t* source, float* output, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) output[i] = std::bit_cast<float>(std::uint32_t{source[i]} << 16U);
}

namespace {

// The nearer of the two bf16 numbers around the value; of a NaN its upper half, made quiet.
std::uint16_t bf16_nearest(float value) {
  const auto below = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U);  // towards zero
  if (std::isnan(value)) return below | 0x40U;
  if (std::isinf(value)) return below;
  const std::uint32_t dropped = std::bit_cast<std::uint32_t>(value) & 0xFFFFU;
  const bool up = dropped > 0x8000U || (dropped == 0x8000U && (below & 1U) != 0);
  return static_cast<std::uint16_t>(below + (up ? 1 : 0));  // one above the largest number is infinity
}

}  // namespace

void f32_to_bf16_plain(const float* source, std::uint16_t* output, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) output[i] = bf16_nearest(source[i]);
}

}  // namespace attnscope::kernels
#endif
