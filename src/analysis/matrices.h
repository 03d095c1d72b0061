// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attnscope/tensor.h"
#include "core/message.h"

namespace attnscope::analysis {

/// What a stack of matrices may hold.
enum class Values {
  weights,  ///< finite and not negative
  finite
};

/// A stack of n x n matrices [..., n, n] whose rows lie in one piece; checked once, then trusted.
class Matrices {
 public:
  /// `name` is the argument that errors speak of.
  /// Throws:  InvalidArgument (DTYPE, SHAPE, VALUE).
  Matrices(const TensorView& stack, const char* name, Values values = Values::weights);

  [[nodiscard]] const Shape& leading() const { return leading_; }  ///< the shape without n x n
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(first_rows_.size()); }
  [[nodiscard]] std::int64_t n() const { return n_; }
  [[nodiscard]] const float* row(std::int64_t matrix, std::int64_t query) const {
    return first_rows_[static_cast<std::size_t>(matrix)] + query * row_stride_;
  }
  /// Whether there is enough work for a second thread.
  [[nodiscard]] bool is_large() const { return count() * n_ * n_ > 32 * 1024; }

 private:
  void check_values(const char* name, Values values) const;

  Shape leading_;
  Tensor copy_;  // of a stack whose rows do not lie in one piece
  std::vector<const float*> first_rows_;
  std::int64_t n_ = 0;
  std::int64_t row_stride_ = 0;
};

/// Throws:  InvalidArgument (DTYPE, SHAPE) unless F32 of a rank between the two, without a size of 0.
void check_tensor(const TensorView& tensor, const char* name, int min_rank, int max_rank,
                  const char* expected);

/// Throws:  InvalidArgument (SHAPE) unless a list with one entry a token has n of them.
void check_token_count(std::size_t found, std::int64_t n, const char* name);

/// Throws an InvalidArgument about the argument `name`.
template <class... Args>
[[noreturn]] void refuse(const char* code, const char* name, fmt::format_string<Args...> format,
                         Args&&... args) {
  throw InvalidArgument(
      problem(ErrorKind::usage, code).field(name).found(format, std::forward<Args>(args)...));
}

}  // namespace attnscope::analysis
