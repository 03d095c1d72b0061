// SPDX-License-Identifier: Apache-2.0
// Vectors of floats of the instruction set being compiled, partial loads and stores, exp. Included once per
// set.
#if defined(ATTNSCOPE_KERNELS_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ATTNSCOPE_KERNELS_VECTOR_INL_H_
#undef ATTNSCOPE_KERNELS_VECTOR_INL_H_
#else
#define ATTNSCOPE_KERNELS_VECTOR_INL_H_
#endif

#include <cstdint>
#include <cstring>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace attnscope::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Ints = hn::RebindToSigned<Floats>;
using Vector = hn::Vec<Floats>;
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(Floats()));

HWY_INLINE Vector set(float value) { return hn::Set(Floats(), value); }

// The first `lanes` of a vector, zeros behind them; touches no memory beyond.
HWY_INLINE Vector load_first(const float* source, std::int64_t lanes) {
  HWY_ALIGN float buffer[kLanes] = {};
  std::memcpy(buffer, source, static_cast<std::size_t>(lanes) * sizeof(float));
  return hn::Load(Floats(), buffer);
}

HWY_INLINE void store_first(Vector values, float* target, std::int64_t lanes) {
  HWY_ALIGN float buffer[kLanes];
  hn::Store(values, Floats(), buffer);
  std::memcpy(target, buffer, static_cast<std::size_t>(lanes) * sizeof(float));
}

// target[i] = function(i, lanes) for whole vectors, then for the rest.
template <class Function>
HWY_INLINE void for_each_vector(std::int64_t count, float* target, const Function& function) {
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) hn::StoreU(function(i, kLanes), Floats(), target + i);
  if (i < count) store_first(function(i, count - i), target + i, count - i);
}

HWY_INLINE Vector load(const float* source, std::int64_t lanes) {
  return HWY_LIKELY(lanes == kLanes) ? hn::LoadU(Floats(), source) : load_first(source, lanes);
}

// e^x = 2^power (1 + rest), |rest| < 0.42. NaN stays NaN in `rest`.
struct Exponential {
  hn::Vec<Ints> power;
  Vector rest;
};

// Cody-Waite reduction by ln 2 in two parts; the polynomial is a minimax fit of (e^r - 1 - r) / r^2 on
// |r| <= ln(2) / 2, relative error 3e-9.
HWY_INLINE Exponential reduce_exp(Vector x) {
  const Vector power = hn::Round(hn::Mul(x, set(1.44269504F)));
  Vector r = hn::NegMulAdd(power, set(0.693359375F), x);
  r = hn::NegMulAdd(power, set(-2.12194440e-4F), r);
  Vector p = set(0.00138144649F);
  p = hn::MulAdd(p, r, set(0.00836878084F));
  p = hn::MulAdd(p, r, set(0.0416683927F));
  p = hn::MulAdd(p, r, set(0.166665196F));
  p = hn::MulAdd(p, r, set(0.49999994F));
  return {hn::NearestInt(power), hn::MulAdd(hn::Mul(r, r), p, r)};
}

// 2^power for powers -126 to 127.
HWY_INLINE Vector power_of_two(hn::Vec<Ints> power) {
  return hn::BitCast(Floats(), hn::ShiftLeft<23>(hn::Add(power, hn::Set(Ints(), 127))));
}

// Comparisons instead of Min and Max, which lose NaN on some instruction sets.
HWY_INLINE Vector at_least(Vector x, Vector low) { return hn::IfThenElse(hn::Lt(x, low), low, x); }
HWY_INLINE Vector at_most(Vector x, Vector high) { return hn::IfThenElse(hn::Gt(x, high), high, x); }

// e^x for x <= 0 to 1 ULP; results below the smallest normal float are 0, as subnormal numbers are slow.
HWY_INLINE Vector exp_nonpositive(Vector x) {
  const Vector smallest = set(-87.3F);
  const Exponential e = reduce_exp(at_least(x, smallest));
  const Vector scale = power_of_two(e.power);
  return hn::IfThenZeroElse(hn::Lt(x, smallest), hn::MulAdd(scale, e.rest, scale));
}

// e^x for every x to 1 ULP. The power is applied in two halves, as neither 2^128 nor 2^-150 is a float.
HWY_INLINE Vector exp(Vector x) {
  const Exponential e = reduce_exp(at_most(at_least(x, set(-105.0F)), set(89.0F)));
  const hn::Vec<Ints> half = hn::ShiftRight<1>(e.power);
  const Vector scale = power_of_two(half);
  return hn::Mul(hn::MulAdd(scale, e.rest, scale), power_of_two(hn::Sub(e.power, half)));
}

// e^x - 1 for 0 <= x <= 80, exact to a few ULP near 0 too.
HWY_INLINE Vector exp_minus_one(Vector x) {
  const Exponential e = reduce_exp(x);
  const Vector scale = power_of_two(e.power);
  return hn::MulAdd(scale, e.rest, hn::Sub(scale, set(1.0F)));
}

}  // namespace attnscope::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
