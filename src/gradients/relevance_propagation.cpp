// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "attnscope/gradients.h"

namespace attnscope {
namespace {

using Square = std::vector<double>;  // [n, n]

// mean over the heads of max(0, weight x gradient).
Square positive_mean(const TextGradients& found, std::int64_t layer) {
  const Shape shape = found.attentions.shape();  // [layers, heads, n, n]
  const std::int64_t count = shape[2] * shape[3];
  Square mean(static_cast<std::size_t>(count));
  for (std::int64_t head = 0; head < shape[1]; ++head) {
    const std::int64_t start = (layer * shape[1] + head) * count;
    for (std::int64_t i = 0; i < count; ++i) {
      const double weight = double{found.attentions.f32()[start + i]};
      const double product = weight * double{found.attention_gradients.f32()[start + i]};
      mean[static_cast<std::size_t>(i)] += std::max(0.0, product) / static_cast<double>(shape[1]);
    }
  }
  return mean;
}

// a b
Square product(const Square& a, const Square& b, std::size_t n) {
  Square result(n * n);
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t column = 0; column < n; ++column)
        result[row * n + column] += a[row * n + i] * b[i * n + column];
  return result;
}

}  // namespace

Tensor relevance_propagation(Run& run, const Sequence& text, const Target& target) {
  const TextGradients found = gradients(run, {text}, {target}, {.attentions = true}).front();
  const auto n = static_cast<std::size_t>(found.attentions.size(2));
  Square relevance(n * n);
  for (std::size_t i = 0; i < n; ++i) relevance[i * n + i] = 1.0;
  for (std::int64_t layer = 0; layer < found.attentions.size(0); ++layer) {
    const Square step = product(positive_mean(found, layer), relevance, n);
    for (std::size_t i = 0; i < relevance.size(); ++i) relevance[i] += step[i];
  }
  Tensor result({found.attentions.size(2), found.attentions.size(2)});
  std::transform(relevance.begin(), relevance.end(), result.mutable_view().f32(),
                 [](double value) { return static_cast<float>(value); });
  return result;
}

}  // namespace attnscope
