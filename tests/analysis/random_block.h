// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "attnscope/contributions.h"

namespace attnscope::analysis {

struct BlockSpec {
  std::int64_t tokens = 7;
  std::int64_t heads = 3;
  std::int64_t head_dim = 4;
  std::int64_t width = 10;  // need not be heads * head_dim
  double eps = 1e-5;
};

/// The vectors of a block by their definition, in double: everything that the methods avoid to make.
struct NaiveBlock {
  std::int64_t n, heads, width;
  std::vector<double> f;       // f^h(x_j): [heads, n, width]
  std::vector<double> t;       // sum_h A_ij^h f^h(x_j), x_i added where i = j: [n, n, width]
  std::vector<double> mixed;   // the same without x_i
  std::vector<double> state;   // z: [n, width]
  std::vector<double> scale;   // 1 / sqrt(var(z_i) + eps): [n]
  std::vector<double> linear;  // T_ij, the layer norm's linear part of t_ij: [n, n, width]
  std::vector<double> output;  // LN(z): [n, width]

  explicit NaiveBlock(const AttentionBlock& block)
      : n(block.inputs.size(0)), heads(block.values.size(1)), width(block.inputs.size(1)) {
    const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
    const std::int64_t head_dim = block.values.size(2);
    f.resize(size(heads * n * width));
    mixed.resize(size(n * n * width));
    state.resize(size(n * width));
    output.resize(size(n * width));
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t w = 0; w < width; ++w)
          for (std::int64_t d = 0; d < head_dim; ++d)
            f[size((h * n + j) * width + w)] +=
                double{block.values.at({j, h, d})} * double{block.output_weight.at({w, h * head_dim + d})};
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t h = 0; h < heads; ++h)
          for (std::int64_t w = 0; w < width; ++w)
            mixed[size((i * n + j) * width + w)] +=
                double{block.weights.at({h, i, j})} * f[size((h * n + j) * width + w)];
    t = mixed;
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t w = 0; w < width; ++w) {
        t[size((i * n + i) * width + w)] += double{block.inputs.at({i, w})};
        state[size(i * width + w)] = double{block.output_bias.at({w})};
        for (std::int64_t j = 0; j < n; ++j) state[size(i * width + w)] += t[size((i * n + j) * width + w)];
      }
    linear = t;
    for (std::int64_t i = 0; i < n; ++i) {
      std::vector<double> z(state.begin() + i * width, state.begin() + (i + 1) * width);
      const double mean = mean_of(z);
      double variance = 0;
      for (const double value : z) variance += (value - mean) * (value - mean) / double(width);
      scale.push_back(1.0 / std::sqrt(variance + block.norm_eps));
      for (std::int64_t w = 0; w < width; ++w)
        output[size(i * width + w)] = (z[size(w)] - mean) * scale.back() * double{block.norm_weight.at({w})} +
                                      double{block.norm_bias.at({w})};
      for (std::int64_t j = 0; j < n; ++j) {
        double* row = linear.data() + (i * n + j) * width;
        const double middle = mean_of(std::vector<double>(row, row + width));
        for (std::int64_t w = 0; w < width; ++w)
          row[w] = (row[w] - middle) * scale.back() * double{block.norm_weight.at({w})};
      }
    }
  }

  static double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / double(values.size());
  }
  // The length of a row of `vectors` [.., width].
  [[nodiscard]] double length(const std::vector<double>& vectors, std::int64_t row) const {
    double sum = 0;
    for (std::int64_t w = 0; w < width; ++w) {
      const double value = vectors[static_cast<std::size_t>(row * width + w)];
      sum += value * value;
    }
    return std::sqrt(sum);
  }
};

/// Seeded tensors whose weights are rows of a softmax and whose outputs follow from the rest.
inline AttentionBlock random_block(const BlockSpec& spec = {}, std::uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  const auto tensor = [&](const Shape& shape, float middle = 0.0F) {
    Tensor result(shape);
    for (std::int64_t i = 0; i < result.count(); ++i)
      result.mutable_view().f32()[i] = middle + normal(random);
    return result;
  };
  AttentionBlock block;
  block.weights = tensor({spec.heads, spec.tokens, spec.tokens});
  for (std::int64_t row = 0; row < spec.heads * spec.tokens; ++row) {
    float* weights = block.weights.mutable_view().f32() + row * spec.tokens;
    float sum = 0;
    for (std::int64_t j = 0; j < spec.tokens; ++j) sum += weights[j] = std::exp(2.0F * weights[j]);
    for (std::int64_t j = 0; j < spec.tokens; ++j) weights[j] /= sum;
  }
  block.values = tensor({spec.tokens, spec.heads, spec.head_dim});
  block.output_weight = tensor({spec.width, spec.heads * spec.head_dim});
  block.output_bias = tensor({spec.width});
  block.inputs = tensor({spec.tokens, spec.width});
  block.norm_weight = tensor({spec.width}, 1.0F);
  block.norm_bias = tensor({spec.width});
  block.norm_eps = spec.eps;
  block.outputs = Tensor({spec.tokens, spec.width});
  const NaiveBlock naive(block);
  for (std::int64_t i = 0; i < block.outputs.count(); ++i)
    block.outputs.mutable_view().f32()[i] = static_cast<float>(naive.output[static_cast<std::size_t>(i)]);
  return block;
}

}  // namespace attnscope::analysis
