// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "core/scratch.h"
#include "gradients/layer_backward.h"
#include "nn/gemm.h"

namespace attnscope {
namespace {

/// One head of one text of n tokens, of which the first num_keys are attended to.
class Head {
 public:
  Head(const AttentionBackward& work, std::int64_t text, std::int64_t head)
      : work_(work),
        n_(work.batch.seq_len(text)),
        num_keys_(work.batch.num_keys(text)),
        head_dim_(work.width / work.num_heads),
        rows_(work.batch.first(text) * work.width + head * head_dim_),
        square_(work.batch.square(text) * work.num_heads + head * n_ * n_) {}

  /// `gradient` [n, n] is memory to work in.
  void run(float* gradient, float* weights_gradient) const {
    // context = weights value
    nn::gemm({n_, num_keys_, head_dim_}, rows(work_.context_gradient), rows(work_.record.value.f32(), true),
             1.0F, gradient, n_);
    if (weights_gradient != nullptr) keep(gradient, weights_gradient);
    if (work_.query_gradient == nullptr) return;
    const nn::Matrix weights{work_.record.weights.f32() + square_, n_, true};
    put({num_keys_, head_dim_, n_}, weights, rows(work_.context_gradient), 1.0F, work_.value_gradient);
    softmax_backward(gradient);
    // scores = query key^T / sqrt(head_dim)
    const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim_));
    put({n_, head_dim_, num_keys_}, {gradient, n_}, rows(work_.record.key.f32()), scale,
        work_.query_gradient);
    put({num_keys_, head_dim_, n_}, {gradient, n_, true}, rows(work_.record.query.f32()), scale,
        work_.key_gradient);
  }

 private:
  // The columns of the head in [tokens, width].
  [[nodiscard]] nn::Matrix rows(const float* values, bool transposed = false) const {
    return {values + rows_, work_.width, transposed};
  }

  // Rows behind size.m are those of tokens that are no keys: 0.
  void put(const nn::GemmSize& size, const nn::Matrix& a, const nn::Matrix& b, float scale,
           float* target) const {
    nn::gemm(size, a, b, scale, target + rows_, work_.width);
    for (std::int64_t row = size.m; row < n_; ++row)
      std::fill_n(target + rows_ + row * work_.width, head_dim_, 0.0F);
  }

  void keep(const float* gradient, float* target) const {
    for (std::int64_t row = 0; row < n_; ++row)
      std::copy_n(gradient + row * n_, num_keys_, target + row * n_);
  }

  // From the gradient of the weights to that of the scores, in place.
  void softmax_backward(float* gradient) const {
    for (std::int64_t row = 0; row < n_; ++row) {
      const float* weights = work_.record.computed_weights.f32() + square_ + row * n_;
      const float* mask = work_.weights_mask == nullptr ? nullptr : work_.weights_mask + square_ + row * n_;
      float* values = gradient + row * n_;
      double sum = 0.0;
      for (std::int64_t key = 0; key < num_keys_; ++key) {
        if (mask != nullptr) values[key] *= mask[key];
        sum += double{weights[key]} * double{values[key]};
      }
      const auto mean = static_cast<float>(sum);
      for (std::int64_t key = 0; key < num_keys_; ++key) values[key] = weights[key] * (values[key] - mean);
    }
  }

  const AttentionBackward& work_;
  std::int64_t n_;
  std::int64_t num_keys_;
  std::int64_t head_dim_;
  std::int64_t rows_;    // where the head starts in [tokens, width]
  std::int64_t square_;  // and in the weights
};

}  // namespace

void attention_backward(const AttentionBackward& work, Poll& poll) {
  const std::int64_t items = work.batch.num_texts() * work.num_heads;
  const std::int64_t longest = work.batch.max_seq_len();
  const int threads = omp_get_max_threads();
  thread_local Scratch scratch;
  auto* memory = scratch.items<float>(threads * longest * longest);
  ParallelPoll parallel_poll(poll);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
  for (std::int64_t item = 0; item < items; ++item) {
    const std::int64_t text = item / work.num_heads;
    const std::int64_t head = item % work.num_heads;
    if (!parallel_poll.go_on() || work.batch.seq_len(text) == 0) continue;
    float* kept = work.weights_gradient ? work.weights_gradient(text, head) : nullptr;
    Head(work, text, head).run(memory + omp_get_thread_num() * longest * longest, kept);
  }
  parallel_poll.rethrow();
}

}  // namespace attnscope
