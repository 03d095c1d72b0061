// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <random>

#include "attnscope/gradients.h"
#include "support/tiny_model.h"

namespace attnscope {

/// A model with a task head, small enough to be differentiated by trying.
inline TinySpec tiny_spec(const std::string& model_type, Task task) {
  return {.model_type = model_type, .task = task, .layers = 2, .heads = 2, .width = 16, .hidden = 24};
}

/// What is asked of a text of at least three tokens.
inline Target some_target(Task task, Target::Of of = Target::Of::probability) {
  Target target{.of = of, .label = 1, .tokens = {1, 2}};
  if (task == Task::sequence_classification) target.tokens = {};
  if (task == Task::question_answering) target.share = Target::Share::tokens;
  return target;
}

/// The text with the rows of the word table in place of its ids.
inline Sequence embedded(const Model& model, const Sequence& text) {
  Sequence result = text;
  const std::vector<std::int64_t> all(text.input_ids.size(), 1);
  result.inputs_embeds = baseline_embeddings(model, text, 0, all);
  return result;
}

inline double value_of(Run& run, const Sequence& text, const Target& target) {
  Request request;
  request.logits = true;
  return target_value(run(std::vector<Sequence>{text}, request).texts.at(0).logits.view(), target);
}

/// Seeded numbers between -1 and 1.
inline Tensor direction(const Shape& shape, std::uint32_t seed) {
  Tensor result(shape);
  std::mt19937 engine(seed);
  float* values = result.mutable_view().f32();
  for (std::int64_t i = 0; i < result.count(); ++i)
    values[i] = 2.0F * static_cast<float>(engine()) / static_cast<float>(std::mt19937::max()) - 1.0F;
  return result;
}

inline double inner(const TensorView& a, const Tensor& b) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < b.count(); ++i) sum += double{a.f32()[i]} * double{b.f32()[i]};
  return sum;
}

/// Slope at 0 by differences of fourth order: `value(step)` for small steps.
inline double slope(const std::function<double(float)>& value, float step = 4e-3F) {
  const double near = value(step) - value(-step);
  const double far = value(2.0F * step) - value(-2.0F * step);
  return (8.0 * near - far) / (12.0 * double{step});
}

inline void add_scaled(const MutableTensorView& target, const Tensor& direction, float scale) {
  for (std::int64_t i = 0; i < direction.count(); ++i) target.f32()[i] += scale * direction.f32()[i];
}

/// Slope of a target along a direction of the rows of the word embeddings.
inline double slope_of_embeds(Run& run, const Sequence& text, const Target& target, const Tensor& along,
                              float step = 4e-3F) {
  const auto value = [&](float distance) {
    Sequence moved = text;
    moved.inputs_embeds = text.inputs_embeds.view().own();
    add_scaled(moved.inputs_embeds.mutable_view(), along, distance);
    return value_of(run, moved, target);
  };
  return slope(value, step);
}

}  // namespace attnscope
