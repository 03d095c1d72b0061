// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>

#include "attnscope/error.h"
#include "checkpoint/half_floats.h"
#include "checkpoint/scope.h"
#include "checkpoint/shown.h"
#include "checkpoint/weight_names.h"
#include "core/message.h"
#include "core/nearest.h"

namespace attnscope {
namespace {

constexpr std::size_t kShownMissing = 10;
constexpr std::size_t kShownNearest = 3;
constexpr std::int64_t kMaxStandIn = std::int64_t{16} << 20;  // elements of zeros for one missing tensor
constexpr std::size_t kMaxCandidates = 2000;  // of the search for names that are like a missing one

template <class Convert>
Tensor converted(const Tensor& source, const Convert& convert) {
  Tensor result(source.shape());
  const auto* bits = static_cast<const std::uint16_t*>(source.view().data());
  float* values = result.mutable_view().f32();
  for (std::int64_t i = 0, count = source.count(); i < count; ++i) values[i] = convert(bits[i]);
  return result;
}

Tensor as_f32(const Tensor& source) {
  if (source.dtype() == DType::f16)
    return converted(source, [](std::uint16_t bits) { return f16_to_f32(bits); });
  if (source.dtype() == DType::bf16)
    return converted(source, [](std::uint16_t bits) { return bf16_to_f32(bits); });
  return source;
}

// The same memory, which nobody who gets the tensor can write to: a model that is loaded does not change.
Tensor read_only(const Tensor& tensor) {
  auto owner = std::make_shared<const Tensor>(tensor);
  const void* data = owner->view().data();
  return {std::move(owner), data, tensor.dtype(), tensor.shape()};
}

bool is_float_name(std::string_view dtype) { return dtype == "F32" || dtype == "F16" || dtype == "BF16"; }

bool is_transposed(const std::vector<std::int64_t>& found, const Shape& expected) {
  return found.size() == 2 && expected.rank() == 2 && found[0] == expected[1] && found[1] == expected[0];
}

}  // namespace

struct Weights::Impl {
  struct Stored {
    const TensorEntry* entry = nullptr;
    const SafetensorsFile* file = nullptr;  // null: it was given in memory
    Tensor tensor;                          // as it was given in memory; once it was taken, as F32
    bool taken = false;
  };
  std::vector<SafetensorsFile> files;
  std::vector<TensorEntry> entries;  // of tensors in memory
  std::string memory_label;
  std::string config_label;
  std::map<std::string, Stored, std::less<>> stored;
  std::vector<std::string> missing;
  std::int64_t num_parameters = 0;

  void add(Stored weight, const std::string& base_prefix);
  [[nodiscard]] const std::string& label(const Stored& weight) const {
    return weight.file == nullptr ? memory_label : weight.file->label();
  }
  [[nodiscard]] static Tensor read(const Stored& weight) {
    return weight.file == nullptr ? weight.tensor : weight.file->tensor(*weight.entry);
  }
  [[noreturn]] void refuse(const Stored& weight, const char* code, const std::string& what,
                           const std::string& hint) const;
  void check_shape(const Stored& weight, const Shape& shape) const;
  void check_dtype(const Stored& weight) const;
  [[nodiscard]] std::string names_like(const std::string& name) const;
};

void Weights::Impl::add(Stored weight, const std::string& base_prefix) {
  if (is_buffer_name(weight.entry->name)) return;
  const auto [place, is_new] =
      stored.try_emplace(canonical_weight_name(weight.entry->name, base_prefix), weight);
  if (!is_new)
    refuse(weight, "MODEL_TENSOR",
           fmt::format("means '{}', as '{}' in {} does", shown(place->first),
                       shown(place->second.entry->name), label(place->second)),
           "one of them has to go");
}

void Weights::Impl::refuse(const Stored& weight, const char* code, const std::string& what,
                           const std::string& hint) const {
  throw CheckpointError(problem(ErrorKind::input, code, label(weight))
                            .at("tensor '" + shown(weight.entry->name) + "'")
                            .field(shown(weight.entry->name))
                            .found("{}", what)
                            .hint("{}", hint));
}

void Weights::Impl::check_shape(const Stored& weight, const Shape& shape) const {
  const std::vector<std::int64_t>& found = weight.entry->shape;
  if (std::equal(found.begin(), found.end(), shape.begin(), shape.end())) return;
  const std::string sizes = fmt::format("[{}]", fmt::join(found, ", "));
  if (is_transposed(found, shape))
    refuse(weight, "MODEL_TENSOR",
           fmt::format("is transposed: shape {}, expected {}", sizes, to_string(shape)),
           "store it as torch.nn.Linear does: [out_features, in_features]");
  refuse(weight, "CFG_MISMATCH",
         fmt::format("has shape {}, expected {} by {}", sizes, to_string(shape), config_label),
         "the two files do not belong together");
}

void Weights::Impl::check_dtype(const Stored& weight) const {
  if (!is_float_name(weight.entry->dtype))
    refuse(weight, "MODEL_TENSOR", fmt::format("is {}, expected F32, F16 or BF16", weight.entry->dtype),
           "quantised checkpoints are not supported: use the original one");
}

// Names that are unlike in length cannot be near, and a hostile file may hold a million names.
std::string Weights::Impl::names_like(const std::string& name) const {
  std::vector<std::string> candidates;
  for (const auto& [stored_name, weight] : stored) {
    if (candidates.size() == kMaxCandidates) break;
    if (stored_name.size() <= name.size() + name.size() / 2) candidates.push_back(stored_name);
  }
  std::vector<std::string> names = nearest(name, candidates, kShownNearest);
  for (std::string& near : names) near = shown(near);
  return fmt::format("{}", fmt::join(names, ", "));
}

Weights::Weights(const std::vector<SafetensorsFile>& files, const std::string& base_prefix,
                 const std::string& config_label)
    : impl_(std::make_shared<Impl>()) {
  impl_->files = files;
  impl_->config_label = config_label;
  for (const SafetensorsFile& file : impl_->files)
    for (const TensorEntry& entry : file.entries()) impl_->add({&entry, &file, {}}, base_prefix);
}

Weights::Weights(const std::map<std::string, Tensor>& tensors, const std::string& label,
                 const std::string& base_prefix, const std::string& config_label)
    : impl_(std::make_shared<Impl>()) {
  impl_->memory_label = label;
  impl_->config_label = config_label;
  impl_->entries.reserve(tensors.size());  // pointers to them are kept
  for (const auto& [tensor_name, tensor] : tensors) {
    impl_->entries.push_back(
        {tensor_name, name(tensor.dtype()), {tensor.shape().begin(), tensor.shape().end()}});
    const Impl::Stored weight{&impl_->entries.back(), nullptr, tensor};
    if (tensor.empty()) impl_->refuse(weight, "MODEL_TENSOR", "has no memory", "give it a value");
    impl_->add(weight, base_prefix);
  }
}

bool Weights::has(std::string_view name) const { return impl_->stored.contains(name); }

Tensor Weights::take(std::string_view name, const Shape& shape) {
  const auto place = impl_->stored.find(name);
  if (place == impl_->stored.end()) {
    impl_->missing.emplace_back(name);
    const bool is_large = shape.count() > kMaxStandIn;
    if (is_large || impl_->missing.size() > kShownMissing) check_complete();
    return Tensor(shape);
  }
  Impl::Stored& weight = place->second;
  impl_->check_dtype(weight);
  impl_->check_shape(weight, shape);
  if (!weight.taken) {
    weight.taken = true;
    weight.tensor = read_only(as_f32(Impl::read(weight)));
    impl_->num_parameters += weight.tensor.count();
  }
  return weight.tensor;
}

void Weights::check_complete() const {
  const std::vector<std::string>& missing = impl_->missing;
  if (missing.empty()) return;
  std::string list;
  for (std::size_t i = 0; i < std::min(missing.size(), kShownMissing); ++i) {
    const std::string like = impl_->names_like(missing[i]);
    list += fmt::format("\n  {}{}", missing[i], like.empty() ? "" : fmt::format(" (there is: {})", like));
  }
  if (missing.size() > kShownMissing) list += "\n  and more";
  throw CheckpointError(
      problem(ErrorKind::input, "MODEL_TENSOR",
              impl_->files.empty() ? impl_->memory_label : impl_->files[0].label())
          .field(missing.front())
          .found("{} tensors are missing that {} calls for:{}", missing.size(), impl_->config_label, list)
          .hint("the two files do not belong together, or the model was saved in parts"));
}

void Weights::check_finite() const {
  for (const auto& [canonical, weight] : impl_->stored) {
    if (!is_float_name(weight.entry->dtype)) continue;
    const Tensor tensor = Impl::read(weight);
    if (const auto index = find_non_finite(tensor.view()))
      impl_->refuse(weight, "NOT_FINITE", fmt::format("element {} is NaN or infinite", *index),
                    "the training has diverged or the file is damaged: take another checkpoint");
  }
}

std::vector<std::string> Weights::unused() const {
  std::vector<std::string> names;
  for (const auto& [name, weight] : impl_->stored)
    if (!weight.taken) names.push_back(weight.entry->name);
  std::sort(names.begin(), names.end());
  return names;
}

std::int64_t Weights::num_parameters() const { return impl_->num_parameters; }

}  // namespace attnscope
