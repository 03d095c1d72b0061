// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "analysis/attention_block.h"
#include "analysis/for_each_row.h"
#include "core/message.h"

namespace attnscope::analysis {
namespace {

/// What the norms of one key need: ||sum_h a_h f_h||^2 = a' G a, where G is the Gram matrix of the f_h.
/// The input x_j, which is added where the key is the query, is one vector more in it.
class KeyGram {
 public:
  KeyGram(const BlockVectors& vectors, double* scratch)
      : vectors_(vectors), f_(scratch), gram_(scratch + count() * vectors.width()) {}

  [[nodiscard]] static std::int64_t scratch_size(const BlockVectors& vectors) {
    const std::int64_t count = vectors.heads() + 1;
    return count * (vectors.width() + count);
  }

  void compute(std::int64_t key, bool centered) {
    const std::int64_t width = vectors_.width();
    vectors_.transform(key, f_);
    vectors_.input(key, f_ + vectors_.heads() * width);
    for (std::int64_t i = 0; centered && i < count(); ++i) vectors_.center(f_ + i * width);
    for (std::int64_t i = 0; i < count(); ++i)
      for (std::int64_t j = 0; j <= i; ++j) {
        double product = 0.0;
#pragma omp simd reduction(+ : product)
        for (std::int64_t d = 0; d < width; ++d) product += f_[i * width + d] * f_[j * width + d];
        gram_[i * count() + j] = product;
        gram_[j * count() + i] = product;
      }
  }

  // Of the vectors' sum for a query, x_j times `residual` in it.
  [[nodiscard]] double norm(std::int64_t query, std::int64_t key, double residual) const {
    const auto share = [&](std::int64_t i) {
      return i == vectors_.heads() ? residual : static_cast<double>(vectors_.weight(i, query, key));
    };
    double square = 0.0;
    for (std::int64_t i = 0; i < count(); ++i) {
      double row = 0.0;
      for (std::int64_t j = 0; j < count(); ++j) row += gram_[i * count() + j] * share(j);
      square += share(i) * row;
    }
    return std::sqrt(std::max(0.0, square));
  }

 private:
  [[nodiscard]] std::int64_t count() const { return vectors_.heads() + 1; }

  const BlockVectors& vectors_;
  double* f_;     // [heads + 1, width]
  double* gram_;  // [heads + 1, heads + 1]
};

Tensor head_norms(const BlockVectors& vectors, const Tensor& lengths) {
  const std::int64_t n = vectors.tokens();
  Tensor result({vectors.heads(), n, n});
  float* norms = result.mutable_view().f32();
  for (std::int64_t head = 0; head < vectors.heads(); ++head)
    for (std::int64_t query = 0; query < n; ++query)
      for (std::int64_t key = 0; key < n; ++key)
        *norms++ = std::abs(vectors.weight(head, query, key)) * lengths.f32()[head * n + key];
  return result;
}

Tensor summed_norms(const BlockVectors& vectors, NormKind kind, const std::function<void()>& poll) {
  const std::int64_t n = vectors.tokens();
  const bool centered = kind == NormKind::normalised;
  const double residual = kind == NormKind::summed ? 0.0 : 1.0;
  const std::vector<double> scales =
      centered ? vectors.inverse_deviations(poll) : std::vector<double>(static_cast<std::size_t>(n), 1.0);
  Tensor result({n, n});
  float* norms = result.mutable_view().f32();
  auto scratch = thread_scratch(KeyGram::scratch_size(vectors));
  for_each_row(n, poll, [&](std::int64_t key) {
    KeyGram gram(vectors, own(scratch));
    gram.compute(key, centered);
    for (std::int64_t query = 0; query < n; ++query) {
      const double norm = gram.norm(query, key, query == key ? residual : 0.0);
      norms[query * n + key] = static_cast<float>(scales[static_cast<std::size_t>(query)] * norm);
    }
  });
  return result;
}

}  // namespace

Tensor transformed_norms(const AttentionBlock& block, const std::function<void()>& poll) {
  const BlockVectors vectors(block);
  const std::int64_t n = vectors.tokens();
  Tensor result({vectors.heads(), n});
  float* norms = result.mutable_view().f32();
  auto scratch = thread_scratch(vectors.heads() * vectors.width());
  for_each_row(n, poll, [&](std::int64_t key) {
    double* transformed = own(scratch);
    vectors.transform(key, transformed);
    for (std::int64_t head = 0; head < vectors.heads(); ++head)
      norms[head * n + key] =
          static_cast<float>(euclidean_norm(transformed + head * vectors.width(), vectors.width()));
  });
  return result;
}

Tensor vector_norms(const AttentionBlock& block, NormKind kind, const std::function<void()>& poll) {
  const BlockVectors vectors(block);
  if (kind == NormKind::head) return head_norms(vectors, transformed_norms(block, poll));
  return summed_norms(vectors, kind, poll);
}

Tensor mixing_ratio(const AttentionBlock& block, NormKind kind, const std::function<void()>& poll) {
  if (kind != NormKind::residual && kind != NormKind::normalised)
    throw InvalidArgument(problem(ErrorKind::usage, "NORM_KIND", "mixing_ratio")
                              .field("kind")
                              .found("norms without the token's own state")
                              .hint("choose residual or normalised"));
  const BlockVectors vectors(block);
  const std::int64_t width = vectors.width();
  Tensor result({vectors.tokens()});
  float* ratios = result.mutable_view().f32();
  auto scratch = thread_scratch(vectors.context_size() + 3 * width);
  for_each_row(vectors.tokens(), poll, [&](std::int64_t query) {
    double* context = own(scratch);
    double* others = context + vectors.context_size();
    double* self = others + width;
    double* input = self + width;
    vectors.mixed(query, context, others);
    vectors.mixed_from_self(query, context, self);
    vectors.input(query, input);
    for (std::int64_t d = 0; d < width; ++d) {
      others[d] -= self[d];
      self[d] += input[d];
    }
    if (kind == NormKind::normalised) {  // the deviation divides both, and cancels
      vectors.center(others);
      vectors.center(self);
    }
    const double mixed = euclidean_norm(others, width);
    const double kept = euclidean_norm(self, width);
    ratios[query] = mixed == 0.0 ? 0.0F : static_cast<float>(mixed / (mixed + kept));
  });
  return result;
}

}  // namespace attnscope::analysis
