// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace attnscope {

[[nodiscard]] inline float bf16_to_f32(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

/// IEEE binary16, exact for every value; without branches, so that loops over it are vectorised.
[[nodiscard]] inline float f16_to_f32(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  const std::uint32_t magnitude = (bits & 0x7FFFU) << 13U;
  const std::uint32_t exponent = magnitude & 0x0F800000U;
  const std::uint32_t normal = magnitude + (112U << 23U);   // the exponent biased by 127 instead of 15
  const std::uint32_t special = magnitude + (224U << 23U);  // infinity and NaN keep the largest exponent
  // A subnormal's digits behind a leading 1, which the subtraction takes away again.
  const float subnormal = std::bit_cast<float>(magnitude + (113U << 23U)) - 0x1p-14F;
  const std::uint32_t value = exponent == 0             ? std::bit_cast<std::uint32_t>(subnormal)
                              : exponent == 0x0F800000U ? special
                                                        : normal;
  return std::bit_cast<float>(sign | value);
}

}  // namespace attnscope
