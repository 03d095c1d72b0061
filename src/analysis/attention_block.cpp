// SPDX-License-Identifier: Apache-2.0
#include "analysis/attention_block.h"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "analysis/for_each_row.h"
#include "core/message.h"

namespace attnscope::analysis {
namespace {

void check(const char* name, const Tensor& tensor, const Shape& expected) {
  const bool fits = !tensor.empty() && tensor.dtype() == DType::f32 && tensor.shape() == expected;
  if (fits) return;
  throw InvalidArgument(problem(ErrorKind::usage, "SHAPE", "block")
                            .field(name)
                            .found("{} {}, expected F32 {}", attnscope::name(tensor.dtype()),
                                   tensor.empty() ? "(nothing)" : to_string(tensor.shape()),
                                   to_string(expected))
                            .hint("take the tensors of one layer and one text"));
}

std::int64_t size_of(const Tensor& tensor, int rank, int dim) {
  return !tensor.empty() && tensor.rank() == rank ? tensor.size(dim) : 0;
}

// Parts of a long sum side by side, as the compiler may order them.
double dot(const float* left, const float* right, std::int64_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < count; ++i)
    sum += static_cast<double>(left[i]) * static_cast<double>(right[i]);
  return sum;
}

double dot(const float* left, const double* right, std::int64_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(left[i]) * right[i];
  return sum;
}

}  // namespace

BlockVectors::BlockVectors(const AttentionBlock& block)
    : block_(block),
      heads_(size_of(block.values, 3, 1)),
      tokens_(size_of(block.values, 3, 0)),
      head_dim_(size_of(block.values, 3, 2)),
      width_(size_of(block.inputs, 2, 1)) {
  check("values", block.values, {tokens_, heads_, head_dim_});
  check("weights", block.weights, {heads_, tokens_, tokens_});
  check("inputs", block.inputs, {tokens_, width_});
  check("outputs", block.outputs, {tokens_, width_});
  check("output_weight", block.output_weight, {width_, heads_ * head_dim_});
  check("output_bias", block.output_bias, {width_});
  check("norm_weight", block.norm_weight, {width_});
  check("norm_bias", block.norm_bias, {width_});
  weights_ = block.weights.f32();
}

void BlockVectors::transform(std::int64_t key, double* transformed) const {
  const float* values = block_.values.f32() + key * heads_ * head_dim_;
  const float* matrix = block_.output_weight.f32();  // [width, heads * head_dim]
  for (std::int64_t row = 0; row < width_; ++row)
    for (std::int64_t head = 0; head < heads_; ++head)
      transformed[head * width_ + row] =
          dot(matrix + (row * heads_ + head) * head_dim_, values + head * head_dim_, head_dim_);
}

void BlockVectors::input(std::int64_t key, double* values) const {
  std::copy_n(block_.inputs.f32() + key * width_, width_, values);
}

void BlockVectors::mixed(std::int64_t query, double* context, double* values) const {
  std::fill_n(context, context_size(), 0.0);
  for (std::int64_t key = 0; key < tokens_; ++key)
    for (std::int64_t head = 0; head < heads_; ++head) {
      const double share = static_cast<double>(weight(head, query, key));
      const float* value = block_.values.f32() + (key * heads_ + head) * head_dim_;
      for (std::int64_t d = 0; d < head_dim_; ++d)
        context[head * head_dim_ + d] += share * static_cast<double>(value[d]);
    }
  project(context, values);
}

void BlockVectors::mixed_from_self(std::int64_t query, double* context, double* values) const {
  for (std::int64_t head = 0; head < heads_; ++head) {
    const double share = static_cast<double>(weight(head, query, query));
    const float* value = block_.values.f32() + (query * heads_ + head) * head_dim_;
    for (std::int64_t d = 0; d < head_dim_; ++d)
      context[head * head_dim_ + d] = share * static_cast<double>(value[d]);
  }
  project(context, values);
}

void BlockVectors::project(const double* context, double* values) const {
  for (std::int64_t row = 0; row < width_; ++row)
    values[row] = dot(block_.output_weight.f32() + row * context_size(), context, context_size());
}

void BlockVectors::center(double* values) const {
  double sum = 0.0;
  for (std::int64_t d = 0; d < width_; ++d) sum += values[d];
  const double mean = sum / static_cast<double>(width_);
  const float* gamma = block_.norm_weight.f32();
  for (std::int64_t d = 0; d < width_; ++d) values[d] = (values[d] - mean) * static_cast<double>(gamma[d]);
}

std::vector<double> BlockVectors::inverse_deviations(const std::function<void()>& poll) const {
  std::vector<double> result(static_cast<std::size_t>(tokens_));
  auto scratch = thread_scratch(context_size() + width_);
  const float* bias = block_.output_bias.f32();
  for_each_row(tokens_, poll, [&](std::int64_t query) {
    double* context = own(scratch);
    double* state = context + context_size();  // z_i
    mixed(query, context, state);
    const float* input = block_.inputs.f32() + query * width_;
    double mean = 0.0;
    for (std::int64_t d = 0; d < width_; ++d) {
      state[d] += static_cast<double>(bias[d]) + static_cast<double>(input[d]);
      mean += state[d] / static_cast<double>(width_);
    }
    double variance = 0.0;
    for (std::int64_t d = 0; d < width_; ++d)
      variance += (state[d] - mean) * (state[d] - mean) / static_cast<double>(width_);
    result[static_cast<std::size_t>(query)] = 1.0 / std::sqrt(variance + block_.norm_eps);
  });
  return result;
}

double euclidean_norm(const double* values, std::int64_t count) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < count; ++i) sum += values[i] * values[i];
  return std::sqrt(sum);
}

std::vector<std::vector<double>> thread_scratch(std::int64_t count) {
  return std::vector<std::vector<double>>(static_cast<std::size_t>(omp_get_max_threads()),
                                          std::vector<double>(static_cast<std::size_t>(count)));
}

double* own(std::vector<std::vector<double>>& scratch) {
  return scratch[static_cast<std::size_t>(omp_get_thread_num())].data();
}

}  // namespace attnscope::analysis
