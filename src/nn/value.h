// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>

#include "attnscope/tensor.h"
#include "nn/batch.h"

namespace attnscope::nn {

/// How the values of all texts lie in memory, n being the length of a text.
enum class Layout {
  none,     ///< no value: not computed, because nobody wants it
  tokens,   ///< F32 [tokens, width]; per text [n, width]
  scalars,  ///< F32 [tokens]; per text [n]
  heads,    ///< F32 [tokens, heads, width / heads]; per text [n, heads, width / heads]
  texts,    ///< F32 [texts, width]; per text [width]
  weights,  ///< F32, for each text [heads, n, n]
  ids,      ///< I64 [tokens]; per text [n]
  embeds,   ///< as tokens, but an input of the model like ids: rows in place of the word embeddings
};

/// Whether a value of this layout is what the model was given: it outlives the arena.
[[nodiscard]] inline bool is_model_input(Layout layout) {
  return layout == Layout::ids || layout == Layout::embeds;
}

/// What flows between modules: memory of the run's arena and its layout.
struct Value {
  Layout layout = Layout::none;
  const void* data = nullptr;
  std::int64_t width = 0;  ///< tokens, heads, texts, embeds
  std::int64_t heads = 0;  ///< heads, weights

  [[nodiscard]] bool present() const { return layout != Layout::none; }
  [[nodiscard]] const float* f32() const { return static_cast<const float*>(data); }
  [[nodiscard]] const std::int64_t* i64() const { return static_cast<const std::int64_t*>(data); }
  [[nodiscard]] DType dtype() const { return layout == Layout::ids ? DType::i64 : DType::f32; }
  /// Number of rows of `width`.
  [[nodiscard]] std::int64_t rows(const Batch& batch) const {
    return layout == Layout::texts ? batch.num_texts() : batch.num_tokens();
  }
  [[nodiscard]] std::int64_t count(const Batch& batch) const;
  /// The part of one text, without a batch dimension.
  [[nodiscard]] TensorView text(const Batch& batch, std::int64_t text) const;
};

/// The inputs or outputs of a module, at most four.
class Values {
 public:
  Values() = default;
  Values(std::initializer_list<Value> values) : size_(values.size()) {
    assert(values.size() <= items_.size());
    std::copy(values.begin(), values.end(), items_.begin());
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const Value& operator[](std::size_t index) const { return items_[index]; }
  [[nodiscard]] Value& operator[](std::size_t index) { return items_[index]; }

 private:
  std::array<Value, 4> items_{};
  std::size_t size_ = 0;
};

}  // namespace attnscope::nn
