// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "analysis/matrices.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

std::vector<std::int64_t> members_of(const TokenSet& tokens) {
  std::vector<std::int64_t> members;
  for (std::size_t token = 0; token < tokens.size(); ++token)
    if (tokens[token]) members.push_back(static_cast<std::int64_t>(token));
  return members;
}

std::vector<std::int64_t> queries_of(const std::optional<TokenSet>& rows, std::int64_t n) {
  if (!rows) return members_of(TokenSet(static_cast<std::size_t>(n), true));
  check_token_count(rows->size(), n, "rows");
  std::vector<std::int64_t> queries = members_of(*rows);
  if (queries.empty()) refuse("SHAPE", "rows", "has no query in it, expected at least one");
  return queries;
}

// The mean over the queries of measure(row, query), for each matrix.
template <class Measure>
Tensor mean_over_queries(const Matrices& weights, const std::optional<TokenSet>& rows,
                         const Measure& measure) {
  const std::vector<std::int64_t> queries = queries_of(rows, weights.n());
  Tensor result(weights.leading());
  float* means = result.mutable_view().f32();
#pragma omp parallel for schedule(static) if (weights.is_large())
  for (std::int64_t matrix = 0; matrix < weights.count(); ++matrix) {
    double sum = 0.0;
    for (const std::int64_t query : queries) sum += measure(weights.row(matrix, query), query);
    means[matrix] = static_cast<float>(sum / static_cast<double>(queries.size()));
  }
  return result;
}

double sum_of(const float* row, std::int64_t begin, std::int64_t end) {
  double sum = 0.0;
  for (std::int64_t key = begin; key < end; ++key) sum += row[key];
  return sum;
}

}  // namespace

Tensor entropy(const TensorView& weights, const std::optional<TokenSet>& rows) {
  const Matrices matrices(weights, "weights");
  return mean_over_queries(matrices, rows, [n = matrices.n()](const float* row, std::int64_t) {
    double sum = 0.0;
    for (std::int64_t key = 0; key < n; ++key)
      if (row[key] > 0.0F) sum -= row[key] * std::log(static_cast<double>(row[key]));
    return sum;
  });
}

Tensor distance(const TensorView& weights, const std::optional<TokenSet>& rows) {
  const Matrices matrices(weights, "weights");
  return mean_over_queries(matrices, rows, [n = matrices.n()](const float* row, std::int64_t query) {
    double sum = 0.0;
    for (std::int64_t key = 0; key < n; ++key) sum += row[key] * static_cast<double>(std::abs(query - key));
    return sum;
  });
}

Tensor confidence(const TensorView& weights, const std::optional<TokenSet>& rows) {
  const Matrices matrices(weights, "weights");
  return mean_over_queries(matrices, rows, [n = matrices.n()](const float* row, std::int64_t) {
    return static_cast<double>(*std::max_element(row, row + n));
  });
}

Tensor mass_on(const TensorView& weights, const TokenSet& keys, const std::optional<TokenSet>& rows) {
  const Matrices matrices(weights, "weights");
  check_token_count(keys.size(), matrices.n(), "keys");
  const std::vector<std::int64_t> chosen = members_of(keys);
  return mean_over_queries(matrices, rows, [&](const float* row, std::int64_t) {
    double sum = 0.0;
    for (const std::int64_t key : chosen) sum += row[key];
    return sum;
  });
}

Tensor mass_at_offset(const TensorView& weights, std::int64_t offset, const std::optional<TokenSet>& rows) {
  const Matrices matrices(weights, "weights");
  const std::int64_t n = matrices.n();
  const std::int64_t step = std::clamp(offset, -n, n);  // beyond that no key is inside
  return mean_over_queries(matrices, rows, [n, step](const float* row, std::int64_t query) {
    const std::int64_t key = query + step;
    return key >= 0 && key < n ? static_cast<double>(row[key]) : 0.0;
  });
}

Tensor mass_on_same_word(const TensorView& weights, const std::vector<std::int64_t>& word_ids) {
  const Matrices matrices(weights, "weights");
  check_token_count(word_ids.size(), matrices.n(), "word_ids");
  std::vector<std::pair<std::int64_t, std::int64_t>> word_of_token;
  for (const auto& range : word_ranges(word_ids))
    word_of_token.insert(word_of_token.end(), static_cast<std::size_t>(range.second - range.first), range);
  return mean_over_queries(matrices, std::nullopt, [&](const float* row, std::int64_t query) {
    const auto& [begin, end] = word_of_token[static_cast<std::size_t>(query)];
    return sum_of(row, begin, query) + sum_of(row, query + 1, end);
  });
}

Tensor received(const TensorView& weights) {
  const Matrices matrices(weights, "weights");
  const std::int64_t n = matrices.n();
  std::vector<double> sums(static_cast<std::size_t>(matrices.count() * n));
#pragma omp parallel for schedule(static) if (matrices.is_large())
  for (std::int64_t matrix = 0; matrix < matrices.count(); ++matrix) {
    double* to_keys = sums.data() + matrix * n;
    for (std::int64_t query = 0; query < n; ++query) {
      const float* row = matrices.row(matrix, query);
      for (std::int64_t key = 0; key < n; ++key) to_keys[key] += row[key];
    }
  }
  std::vector<std::int64_t> sizes(matrices.leading().begin(), matrices.leading().end());
  sizes.push_back(n);
  Tensor result{Shape(sizes)};
  std::transform(sums.begin(), sums.end(), result.mutable_view().f32(),
                 [n](double sum) { return static_cast<float>(sum / static_cast<double>(n)); });
  return result;
}

}  // namespace attnscope::analysis
