// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "analysis/rows.h"
#include "attnscope/contributions.h"
#include "probe/target_values.h"

namespace attnscope::analysis {
namespace {

double cosine(const float* left, const float* right, std::int64_t count) {
  double product = 0.0;
  double left_square = 0.0;
  double right_square = 0.0;
  for (std::int64_t d = 0; d < count; ++d) {
    const auto a = static_cast<double>(left[d]);
    const auto b = static_cast<double>(right[d]);
    product += a * b;
    left_square += a * a;
    right_square += b * b;
  }
  return product / std::sqrt(left_square * right_square);
}

// 1 - cos of each row of two states [n, width], into one column of [n, n].
void put_distances(const TensorView& without, const TensorView& with, std::int64_t key, float* matrix) {
  const std::int64_t n = with.size(0);
  const std::int64_t width = with.size(1);
  for (std::int64_t row = 0; row < n; ++row) {
    const double similarity = cosine(without.f32() + row * width, with.f32() + row * width, width);
    matrix[row * n + key] = static_cast<float>(std::max(0.0, 1.0 - similarity));
  }
}

/// Runs one layer on copies of its input, in each of which one value is zero.
class ZeroedLayer {
 public:
  ZeroedLayer(Run& run, const LayerParts& parts) : run_(run) {
    const Model model = run.model();
    handles_.push_back(run.register_forward_hook(model.module(parts.value), [this](HookEvent& event) {
      for (std::int64_t text = 0; text < event.num_texts(); ++text)
        event.edit_output(0, text).select(0, first_key_ + text).fill(0.0F);
    }));
    handles_.push_back(run.register_forward_hook(model.module(parts.layer), [this](HookEvent& event) {
      for (std::int64_t text = 0; text < event.num_texts(); ++text)
        put_distances(event.output(0).text(text), *states_, first_key_ + text, matrix_);
    }));
  }

  // `input` is what the layer receives, `states` [n, width] what it makes of it.
  void fill(std::int64_t layer, const Sequence& input, const TensorView& states, float* matrix) {
    states_ = &states;
    matrix_ = matrix;
    Request request;
    request.from_layer = layer;
    const std::int64_t n = states.size(0);
    const std::int64_t at_once = texts_at_once(n);
    for (first_key_ = 0; first_key_ < n; first_key_ += at_once) {
      const std::int64_t count = std::min(at_once, n - first_key_);
      run_(std::vector<Sequence>(static_cast<std::size_t>(count), input), request);
    }
    for (std::int64_t row = 0; row < n; ++row) divide_by_sum(matrix + row * n, n);
  }

 private:
  Run& run_;
  std::vector<HookHandle> handles_;
  const TensorView* states_ = nullptr;
  float* matrix_ = nullptr;
  std::int64_t first_key_ = 0;
};

}  // namespace

Tensor value_zeroing(Run& run, const Sequence& text) {
  const Model model = run.model();
  const std::vector<LayerParts>& layers = model.parts().layers;
  Request request;
  request.hidden_states = true;
  const Tensor states =
      run(std::vector<Sequence>{text}, request).texts[0].hidden_states;  // [layers + 1, n, width]
  const std::int64_t n = states.size(1);
  Tensor result({model.info().num_layers, n, n});
  Sequence input = text;
  for (std::int64_t layer = 0; layer < model.info().num_layers; ++layer) {
    input.inputs_embeds = states.view().select(0, layer).own();
    const TensorView outputs = states.view().select(0, layer + 1);
    ZeroedLayer(run, layers[static_cast<std::size_t>(layer)])
        .fill(layer, input, outputs, result.mutable_view().f32() + layer * n * n);
  }
  return result;
}

}  // namespace attnscope::analysis
