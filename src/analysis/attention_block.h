// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "attnscope/contributions.h"

namespace attnscope::analysis {

/// An AttentionBlock whose shapes agree, and the vectors that all methods are made of. In double.
class BlockVectors {
 public:
  /// Throws InvalidArgument (SHAPE). `block` must outlive it.
  explicit BlockVectors(const AttentionBlock& block);

  [[nodiscard]] std::int64_t heads() const { return heads_; }
  [[nodiscard]] std::int64_t tokens() const { return tokens_; }
  [[nodiscard]] std::int64_t width() const { return width_; }
  [[nodiscard]] float weight(std::int64_t head, std::int64_t query, std::int64_t key) const {
    return weights_[(head * tokens_ + query) * tokens_ + key];
  }

  /// f^h(x_j) of every head of a key: [heads, width].
  void transform(std::int64_t key, double* transformed) const;
  /// x_j: [width].
  void input(std::int64_t key, double* values) const;
  /// sum_h sum_j A_ij^h f^h(x_j) of a query and all keys: [width]. `context` is scratch [heads * head_dim].
  void mixed(std::int64_t query, double* context, double* values) const;
  /// The same of the key that is the query itself.
  void mixed_from_self(std::int64_t query, double* context, double* values) const;
  [[nodiscard]] std::int64_t context_size() const { return heads_ * head_dim_; }

  /// The linear part of the layer norm, without its division by the deviation: less the mean, times gamma.
  void center(double* values) const;
  /// 1 / sqrt(var(z_i) + eps) of every query.
  [[nodiscard]] std::vector<double> inverse_deviations(const std::function<void()>& poll) const;

 private:
  void project(const double* context, double* values) const;

  const AttentionBlock& block_;
  std::int64_t heads_;
  std::int64_t tokens_;
  std::int64_t head_dim_;
  std::int64_t width_;
  const float* weights_;
};

[[nodiscard]] double euclidean_norm(const double* values, std::int64_t count);

/// Scratch for every thread of the process's pool.
[[nodiscard]] std::vector<std::vector<double>> thread_scratch(std::int64_t count);
/// That of the thread that calls.
[[nodiscard]] double* own(std::vector<std::vector<double>>& scratch);

}  // namespace attnscope::analysis
