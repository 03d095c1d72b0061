// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "attnscope/checkpoint.h"

namespace attnscope {
namespace {

constexpr std::int64_t kPiece = 4096;

// Not finite: all bits of the exponent are set. Whole pieces first, in a loop without an exit, which is
// vectorised; only a piece with a finding is searched.
template <class Bits>
std::optional<std::int64_t> find_full_exponent(const void* data, std::int64_t count, Bits exponent) {
  const auto* bits = static_cast<const Bits*>(data);
  for (std::int64_t start = 0; start < count; start += kPiece) {
    const std::int64_t end = std::min(start + kPiece, count);
    unsigned found = 0;
    for (std::int64_t i = start; i < end; ++i) found |= (bits[i] & exponent) == exponent ? 1U : 0U;
    for (std::int64_t i = start; found != 0 && i < end; ++i)
      if ((bits[i] & exponent) == exponent) return i;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> find_non_finite(const TensorView& tensor) {
  if (!tensor.is_contiguous()) {
    const Tensor copy = tensor.own();
    return find_non_finite(copy.view());
  }
  switch (tensor.dtype()) {
    case DType::f32:
      return find_full_exponent<std::uint32_t>(tensor.data(), tensor.count(), 0x7F800000U);
    case DType::f16:
      return find_full_exponent<std::uint16_t>(tensor.data(), tensor.count(), std::uint16_t{0x7C00});
    case DType::bf16:
      return find_full_exponent<std::uint16_t>(tensor.data(), tensor.count(), std::uint16_t{0x7F80});
    case DType::i64:
      break;
  }
  return std::nullopt;
}

}  // namespace attnscope
