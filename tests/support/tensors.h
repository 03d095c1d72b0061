// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "attnscope/error.h"
#include "attnscope/model.h"

namespace attnscope {

/// Whether two tensors agree in shape, dtype and every bit. Two that were never made agree as well.
inline testing::AssertionResult same_bits(const Tensor& a, const Tensor& b) {
  if (a.empty() && b.empty()) return testing::AssertionSuccess();
  if (a.empty() != b.empty()) return testing::AssertionFailure() << "only one of the tensors was made";
  if (!(a.shape() == b.shape()) || a.dtype() != b.dtype())
    return testing::AssertionFailure() << to_string(a.shape()) << " and " << to_string(b.shape());
  const std::size_t item = size_in_bytes(a.dtype());
  const auto* left = static_cast<const std::byte*>(a.view().data());
  const auto* right = static_cast<const std::byte*>(b.view().data());
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.count()); ++i)
    if (std::memcmp(left + i * item, right + i * item, item) != 0)
      return testing::AssertionFailure() << "they differ at element " << i;
  return testing::AssertionSuccess();
}

inline testing::AssertionResult same_bits(const TensorView& a, const TensorView& b) {
  return same_bits(a.own(), b.own());
}

/// All that was captured of one text.
inline testing::AssertionResult same_bits(const TextCapture& a, const TextCapture& b) {
  for (Tensor TextCapture::*field :
       {&TextCapture::attentions, &TextCapture::hidden_states, &TextCapture::last_hidden_state,
        &TextCapture::pooler_output, &TextCapture::logits, &TextCapture::statistics, &TextCapture::received,
        &TextCapture::top_weights, &TextCapture::top_keys})
    if (const auto result = same_bits(a.*field, b.*field); !result) return result;
  return testing::AssertionSuccess();
}

/// Largest difference of two F32 tensors of equal shape.
inline float max_abs_difference(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape())) return INFINITY;
  float largest = 0.0F;
  for (std::int64_t i = 0; i < a.count(); ++i) largest = std::max(largest, std::abs(a.f32()[i] - b.f32()[i]));
  return largest;
}

/// Expects that `statement` throws an error of attnscope with this code; returns its info.
template <class Statement>
ErrorInfo expect_error(const std::string& code, const Statement& statement) {
  try {
    statement();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << to_string(error.info());
    return error.info();
  }
  ADD_FAILURE() << "expected " << code << ", but nothing was thrown";
  return {};
}

}  // namespace attnscope
