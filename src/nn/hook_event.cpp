// SPDX-License-Identifier: Apache-2.0
#include "nn/hook_event.h"

#include <cmath>

#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(const std::string& path, const char* code, const std::string& what,
                         const std::string& hint) {
  throw HookError(problem(ErrorKind::input, code, "hooks").field(path).found("{}", what).hint("{}", hint));
}

Shape shape_of_batch(const Activation::Impl& activation) {
  const bool has_rows = activation.value->layout == nn::Layout::texts;  // one row a text, whatever its length
  if (!has_rows && !activation.batch->is_uniform())
    refuse(*activation.path, "HOOK_RAGGED",
           "the texts differ in length, so there is no tensor of the whole batch",
           "take them one by one with text(i)");
  return activation.value->text(*activation.batch, 0).shape().with_front(activation.batch->num_texts());
}

const Activation::Impl& item(const HookEvent::Impl::Side& side, std::size_t index, const std::string& path,
                             const char* kind) {
  if (index >= side.values.size())
    refuse(path, "HOOK_INDEX",
           fmt::format("{} {} does not exist, there are {}", kind, index, side.values.size()),
           "count from 0; a forward-pre hook has no outputs yet");
  return side.activations[index];
}

// A replaced value must be what it replaces in all but its numbers.
void check_fits(const std::string& path, const TensorView& value, DType dtype, const Shape& shape) {
  if (value.dtype() != dtype)
    refuse(path, "HOOK_SHAPE",
           fmt::format("a replaced value is {}, expected {}", name(value.dtype()), name(dtype)),
           "convert it first");
  if (!(value.shape() == shape))
    refuse(
        path, "HOOK_SHAPE",
        fmt::format("a replaced value has shape {}, expected {}", to_string(value.shape()), to_string(shape)),
        "keep the shape of view(), or of text(i) when one text is replaced");
}

bool has_nan(const nn::Value& value, const nn::Batch& batch) {
  if (value.dtype() != DType::f32) return false;
  const float* values = value.f32();
  const std::int64_t count = value.count(batch);
  for (std::int64_t i = 0; i < count; ++i)
    if (std::isnan(values[i])) return true;
  return false;
}

}  // namespace

// ---- Activation

TensorView Activation::view() const {
  return {impl_->value->data, impl_->value->dtype(), shape_of_batch(*impl_)};
}

TensorView Activation::text(std::int64_t index) const {
  if (index < 0 || index >= num_texts())
    refuse(*impl_->path, "HOOK_INDEX", fmt::format("text {} of {}", index, num_texts()), "count from 0");
  return impl_->value->text(*impl_->batch, index);
}

std::vector<int> Activation::token_dims() const {
  switch (impl_->value->layout) {
    case nn::Layout::none:
    case nn::Layout::texts:
      return {};
    case nn::Layout::weights:
      return {1, 2};
    default:
      return {0};
  }
}

std::int64_t Activation::num_texts() const { return impl_->batch->num_texts(); }

// ---- HookEvent::Impl

void HookEvent::Impl::keep_inputs() {
  for (std::size_t i = 0; i < inputs.values.size(); ++i) {
    nn::Value& value = inputs.values[i];
    if (nn::is_model_input(value.layout)) continue;  // these stand in the batch or are kept already
    kept.push_back(TensorView(value.data, value.dtype(), {value.count(run.batch())}).own());
    value.data = kept.back().view().data();
    inputs.originals[i].data = value.data;
  }
}

void HookEvent::Impl::set(Side& side, const nn::Values& values) {
  side = Side{};
  side.values = values;
  side.originals = values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    side.activations[i] = {&side.values[i], &run.batch(), &module.path()};
    side.original_activations[i] = {&side.originals[i], &run.batch(), &module.path()};
  }
}

// The model's inputs are read through the whole call, which may outlast the arena; everything else lives as
// long as its like.
const void* HookEvent::Impl::copy(const nn::Value& value) {
  const TensorView source(value.data, value.dtype(), {value.count(run.batch())});
  if (nn::is_model_input(value.layout)) {
    kept.push_back(source.own());
    return kept.back().view().data();
  }
  float* memory = run.floats(source.count());
  MutableTensorView(memory, DType::f32, source.shape()).copy_from(source);
  return memory;
}

MutableTensorView HookEvent::Impl::edit(Side& side, std::size_t index, std::int64_t text, bool allowed) {
  if (!allowed)
    refuse(module.path(), "HOOK_PHASE", "inputs can be changed before the module runs, outputs after it",
           "register the other kind of hook");
  check_text(text);
  static_cast<void>(item(side, index, module.path(), "value"));
  nn::Value& value = side.values[index];
  if (!side.owned[index]) {
    value.data = copy(value);
    side.owned[index] = true;
  }
  side.replaced[index] = true;
  const TensorView part = value.text(run.batch(), text);
  return {const_cast<void*>(part.data()), part.dtype(), part.shape()};
}

void HookEvent::Impl::replace(Side& side, std::size_t index, std::int64_t text, const TensorView& value,
                              bool allowed) {
  const Activation::Impl& current = item(side, index, module.path(), "value");
  check_text(text);
  check_fits(module.path(), value, current.value->dtype(), current.value->text(run.batch(), text).shape());
  edit(side, index, text, allowed).copy_from(value);
}

void HookEvent::Impl::replace(Side& side, std::size_t index, const TensorView& value, bool allowed) {
  const Activation::Impl& current = item(side, index, module.path(), "value");
  check_fits(module.path(), value, current.value->dtype(), shape_of_batch(current));
  for (std::int64_t text = 0; text < run.batch().num_texts(); ++text)
    replace(side, index, text, value.select(0, text), allowed);
}

void HookEvent::Impl::settle() {
  Side& side = before ? inputs : outputs;
  std::size_t mask = 0;
  for (std::size_t i = 0; i < side.values.size(); ++i) {
    if (!side.replaced[i]) continue;
    if (has_nan(side.values[i], run.batch()))
      refuse(module.path(), "HOOK_SHAPE", fmt::format("a hook put NaN into value {}", i),
             "check the arithmetic of the hook; the run was stopped, the model can be used again");
    mask |= std::size_t{1} << i;
  }
  side.replaced = {};
  if (mask != 0 && !before) mend(mask);
}

void HookEvent::Impl::mend(std::size_t replaced) {
  const nn::Values old = outputs.values;
  module.mend(outputs.values, inputs.values, replaced, run);
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (outputs.values[i].data == old[i].data) continue;
    outputs.originals[i] = outputs.values[i];
    outputs.owned[i] = false;
  }
}

void HookEvent::Impl::check_text(std::int64_t text) const {
  if (text < 0 || text >= run.batch().num_texts())
    refuse(module.path(), "HOOK_INDEX", fmt::format("text {} of {}", text, run.batch().num_texts()),
           "count from 0");
}

// ---- HookEvent

const std::string& HookEvent::path() const { return impl_->module.path(); }
const std::string& HookEvent::type() const { return impl_->module.type(); }
std::int64_t HookEvent::call() const { return impl_->call; }
bool HookEvent::failed() const { return impl_->failed; }
std::int64_t HookEvent::num_texts() const { return impl_->run.batch().num_texts(); }

std::int64_t HookEvent::seq_len(std::int64_t text) const {
  impl_->check_text(text);
  return impl_->run.batch().seq_len(text);
}

std::int64_t HookEvent::num_keys(std::int64_t text) const {
  impl_->check_text(text);
  return impl_->run.batch().num_keys(text);
}

std::size_t HookEvent::num_inputs() const { return impl_->inputs.values.size(); }
std::size_t HookEvent::num_outputs() const { return impl_->outputs.values.size(); }

Activation HookEvent::input(std::size_t index) const {
  return Activation(&item(impl_->inputs, index, path(), "input"));
}
Activation HookEvent::output(std::size_t index) const {
  return Activation(&item(impl_->outputs, index, path(), "output"));
}
Activation HookEvent::given_input(std::size_t index) const {
  static_cast<void>(input(index));
  return Activation(&impl_->inputs.original_activations[index]);
}
Activation HookEvent::computed_output(std::size_t index) const {
  static_cast<void>(output(index));
  return Activation(&impl_->outputs.original_activations[index]);
}

void HookEvent::replace_input(std::size_t index, const TensorView& value) {
  impl_->replace(impl_->inputs, index, value, impl_->before);
}
void HookEvent::replace_output(std::size_t index, const TensorView& value) {
  impl_->replace(impl_->outputs, index, value, !impl_->before);
}
void HookEvent::replace_input(std::size_t index, std::int64_t text, const TensorView& value) {
  impl_->replace(impl_->inputs, index, text, value, impl_->before);
}
void HookEvent::replace_output(std::size_t index, std::int64_t text, const TensorView& value) {
  impl_->replace(impl_->outputs, index, text, value, !impl_->before);
}
MutableTensorView HookEvent::edit_input(std::size_t index, std::int64_t text) {
  return impl_->edit(impl_->inputs, index, text, impl_->before);
}
MutableTensorView HookEvent::edit_output(std::size_t index, std::int64_t text) {
  return impl_->edit(impl_->outputs, index, text, !impl_->before);
}

}  // namespace attnscope
