// SPDX-License-Identifier: Apache-2.0
#include "gradients/changes.h"

namespace attnscope {
namespace {

constexpr const char* kNoModule = "-";

// Appends to `mask`; returns whether a number differs in its bits or is a NaN.
bool append_mask(const TensorView& before, const TensorView& after, std::vector<float>& mask) {
  bool changed = false;
  for (std::int64_t i = 0; i < before.count(); ++i) {
    const bool same = before.f32()[i] == after.f32()[i];
    mask.push_back(same ? 1.0F : 0.0F);
    changed = changed || !same;
  }
  return changed;
}

}  // namespace

std::string parent_path(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

bool holds(const std::string& module, const std::string& path) {
  if (module.empty() || module == path) return true;
  return path.size() > module.size() && path.starts_with(module) && path[module.size()] == '.';
}

Changes::Changes(const EncoderParts& parts) : pooled_base_(kNoModule) {
  const std::string base = parent_path(parts.embeddings);
  if (parts.head_is_pooled && !base.empty() && holds(base, parts.head.front().linear)) pooled_base_ = base;
}

void Changes::note(const HookEvent& event, Side side) {
  const bool is_input = side == Side::input;
  const std::size_t count = is_input ? event.num_inputs() : event.num_outputs();
  for (std::size_t index = 0; index < count; ++index) {
    const Activation before = is_input ? event.given_input(index) : event.computed_output(index);
    const Activation after = is_input ? event.input(index) : event.output(index);
    const bool untouched = before.text(0).data() == after.text(0).data();
    if (untouched || after.text(0).dtype() != DType::f32) continue;
    std::vector<float> mask;
    bool changed = false;
    for (std::int64_t text = 0; text < event.num_texts(); ++text)
      changed = append_mask(before.text(text), after.text(text), mask) || changed;
    if (!changed) continue;
    if (is_input) num_inputs_[event.path()] = count;
    masks_[{event.path(), side, index}] = std::move(mask);
  }
}

const float* Changes::output_mask(const std::string& module, std::size_t index) const {
  const auto found = masks_.find({module, Side::output, index});
  return found == masks_.end() ? nullptr : found->second.data();
}

// A value of another count is another value: a pooler's input has a row a token, its output one a text.
void Changes::cut(const Place& place, float* gradient, std::int64_t count) const {
  const auto found = masks_.find(place);
  if (found == masks_.end() || static_cast<std::int64_t>(found->second.size()) != count) return;
  for (std::int64_t i = 0; i < count; ++i)
    if (found->second[static_cast<std::size_t>(i)] == 0.0F) gradient[i] = 0.0F;
}

void Changes::enter(const std::string& consumer, const std::string& producer, float* gradient,
                    std::int64_t count) const {
  if (masks_.empty()) return;
  for (std::string module = consumer; !holds(module, producer); module = parent_path(module))
    cut_input(module, 0, gradient, count);
}

void Changes::enter_beside(const std::string& consumer, const std::string& producer, float* gradient,
                           std::int64_t count) const {
  for (std::string module = parent_path(consumer); !holds(module, producer); module = parent_path(module)) {
    const auto inputs = num_inputs_.find(module);
    if (inputs != num_inputs_.end()) cut_input(module, inputs->second - 1, gradient, count);
  }
}

std::size_t Changes::index_left(const std::string& module) const { return module == pooled_base_ ? 1 : 0; }

void Changes::leave(const std::string& producer, const std::string& consumer, float* gradient,
                    std::int64_t count) const {
  if (masks_.empty()) return;
  for (std::string module = producer; !holds(module, consumer); module = parent_path(module))
    cut_output(module, index_left(module), gradient, count);
}

}  // namespace attnscope
