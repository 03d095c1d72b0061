// SPDX-License-Identifier: Apache-2.0
#include "attnscope/tensor.h"

#include <algorithm>
#include <cstring>

#include "core/memory.h"
#include "core/message.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw InvalidArgument(problem(ErrorKind::usage, "TENSOR", "tensor").found("{}", what));
}

Shape contiguous_strides(const Shape& shape) {
  Shape strides = shape;
  std::int64_t step = 1;
  for (int dim = shape.rank() - 1; dim >= 0; --dim) {
    strides[dim] = step;
    step *= shape[dim];
  }
  return strides;
}

int checked_dim(const Shape& shape, int dim) {
  if (dim < -shape.rank() || dim >= shape.rank())
    refuse(fmt::format("dimension {} of a tensor of shape {}", dim, to_string(shape)));
  return dim < 0 ? dim + shape.rank() : dim;
}

void check_range(const Shape& shape, int dim, std::int64_t start, std::int64_t length) {
  if (start < 0 || length < 0 || start > shape[dim] - length)
    refuse(fmt::format("indices {} to {} of dimension {} of shape {}, expected 0 to {}", start,
                       start + length - 1, dim, to_string(shape), shape[dim] - 1));
}

const std::byte* advance(const void* data, DType dtype, std::int64_t elements) {
  return static_cast<const std::byte*>(data) + elements * static_cast<std::int64_t>(size_in_bytes(dtype));
}

// Calls visit(pointer to the first element) for each row along the last dimension of a view.
template <class Visit>
void for_each_row(const TensorView& view, const Visit& visit) {
  if (view.rank() <= 1) return visit(view.data());
  for (std::int64_t i = 0; i < view.size(0); ++i) for_each_row(view.select(0, i), visit);
}

void check_sizes(const Shape& shape) {
  if (std::any_of(shape.begin(), shape.end(), [](std::int64_t size) { return size < 0; }))
    refuse(fmt::format("shape {} with a negative size", to_string(shape)));
  std::int64_t size_bytes = sizeof(std::int64_t);
  for (const std::int64_t size : shape)
    if (size != 0 && __builtin_mul_overflow(size_bytes, size, &size_bytes))
      refuse(fmt::format("shape {} is larger than any memory", to_string(shape)));
}

Tensor copy_of(const void* values, std::size_t count, DType dtype, const Shape& shape) {
  if (static_cast<std::int64_t>(count) != shape.count())
    refuse(fmt::format("{} values for shape {}", count, to_string(shape)));
  return TensorView(values, dtype, shape).own();
}

template <class Combine>
Tensor reduce_heads(const TensorView& weights, float scale, const Combine& combine) {
  if (weights.rank() < 3)
    refuse(fmt::format("weights of shape {}, expected [..., head, query, key]", to_string(weights.shape())));
  const Tensor copy = weights.is_contiguous() ? Tensor{} : weights.own();
  const float* values = copy.empty() ? weights.f32() : copy.f32();

  const int head_dim = weights.rank() - 3;
  const std::int64_t heads = weights.size(head_dim);
  if (heads == 0) refuse("no heads to reduce");
  Tensor result(weights.shape().without(head_dim));
  const std::int64_t matrix = weights.size(-1) * weights.size(-2);
  float* output = result.mutable_view().f32();
  for (std::int64_t block = 0; matrix != 0 && block < result.count() / matrix; ++block, output += matrix) {
    std::copy_n(values, matrix, output);
    for (std::int64_t head = 1; head < heads; ++head)
      for (std::int64_t i = 0; i < matrix; ++i) output[i] = combine(output[i], values[head * matrix + i]);
    for (std::int64_t i = 0; i < matrix; ++i) output[i] *= scale;
    values += heads * matrix;
  }
  return result;
}

}  // namespace

std::size_t size_in_bytes(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return 4;
    case DType::f16:
    case DType::bf16:
      return 2;
    case DType::i64:
      return 8;
  }
  return 0;
}

const char* name(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "F32";
    case DType::f16:
      return "F16";
    case DType::bf16:
      return "BF16";
    case DType::i64:
      return "I64";
  }
  return "";
}

// ---- Shape

Shape::Shape(std::initializer_list<std::int64_t> sizes) { assign(sizes.begin(), sizes.size()); }

Shape::Shape(const std::vector<std::int64_t>& sizes) { assign(sizes.data(), sizes.size()); }

void Shape::assign(const std::int64_t* sizes, std::size_t count) {
  if (count > kMaxRank) refuse(fmt::format("{} dimensions, expected at most {}", count, kMaxRank));
  std::copy_n(sizes, count, sizes_.begin());
  rank_ = static_cast<int>(count);
}

std::int64_t Shape::count() const {
  std::int64_t count = 1;
  for (const std::int64_t size : *this) count *= size;
  return count;
}

Shape Shape::without(int dim) const {
  dim = checked_dim(*this, dim);
  Shape shape = *this;
  std::copy(end() - (rank_ - dim - 1), end(), shape.sizes_.begin() + dim);
  shape.rank_ -= 1;
  return shape;
}

Shape Shape::with_front(std::int64_t size) const {
  std::vector<std::int64_t> sizes{size};
  sizes.insert(sizes.end(), begin(), end());
  return Shape(sizes);
}

bool Shape::operator==(const Shape& other) const {
  return std::equal(begin(), end(), other.begin(), other.end());
}

std::string to_string(const Shape& shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

// ---- TensorView

TensorView::TensorView(const void* data, DType dtype, const Shape& shape)
    : TensorView(data, dtype, shape, contiguous_strides(shape)) {}

TensorView::TensorView(const void* data, DType dtype, const Shape& shape, const Shape& strides)
    : data_(data), dtype_(dtype), shape_(shape), strides_(strides) {}

bool TensorView::is_contiguous() const {
  std::int64_t step = 1;
  for (int dim = rank() - 1; dim >= 0; --dim) {
    if (shape_[dim] != 1 && strides_[dim] != step) return false;
    step *= shape_[dim];
  }
  return true;
}

const float* TensorView::f32() const {
  if (dtype_ != DType::f32) refuse(fmt::format("a {} tensor read as F32", name(dtype_)));
  return static_cast<const float*>(data_);
}

const std::int64_t* TensorView::i64() const {
  if (dtype_ != DType::i64) refuse(fmt::format("a {} tensor read as I64", name(dtype_)));
  return static_cast<const std::int64_t*>(data_);
}

float TensorView::at(std::initializer_list<std::int64_t> index) const {
  if (static_cast<int>(index.size()) != rank())
    refuse(fmt::format("{} indices for shape {}", index.size(), to_string(shape_)));
  std::int64_t position = 0;
  int dim = 0;
  for (const std::int64_t i : index) {
    check_range(shape_, dim, i, 1);
    position += i * strides_[dim++];
  }
  return f32()[position];
}

TensorView TensorView::select(int dim, std::int64_t index) const {
  dim = checked_dim(shape_, dim);
  check_range(shape_, dim, index, 1);
  return {advance(data_, dtype_, index * strides_[dim]), dtype_, shape_.without(dim), strides_.without(dim)};
}

TensorView TensorView::narrow(int dim, std::int64_t start, std::int64_t length) const {
  dim = checked_dim(shape_, dim);
  check_range(shape_, dim, start, length);
  Shape shape = shape_;
  shape[dim] = length;
  return {advance(data_, dtype_, start * strides_[dim]), dtype_, shape, strides_};
}

TensorView TensorView::reshape(const Shape& shape) const {
  check_sizes(shape);
  if (!is_contiguous() || shape.count() != count())
    refuse(fmt::format("shape {} cannot be viewed as {}", to_string(shape_), to_string(shape)));
  return {data_, dtype_, shape};
}

Tensor TensorView::own() const {
  Tensor copy(shape_, dtype_);
  copy.mutable_view().copy_from(*this);
  return copy;
}

// ---- MutableTensorView

float* MutableTensorView::f32() const { return const_cast<float*>(TensorView::f32()); }
std::int64_t* MutableTensorView::i64() const { return const_cast<std::int64_t*>(TensorView::i64()); }

MutableTensorView MutableTensorView::select(int dim, std::int64_t index) const {
  const TensorView part = TensorView::select(dim, index);
  return {const_cast<void*>(part.data()), part.dtype(), part.shape(), part.strides()};
}

MutableTensorView MutableTensorView::narrow(int dim, std::int64_t start, std::int64_t length) const {
  const TensorView part = TensorView::narrow(dim, start, length);
  return {const_cast<void*>(part.data()), part.dtype(), part.shape(), part.strides()};
}

void MutableTensorView::fill(float value) const {
  if (count() == 0) return;
  const std::int64_t length = rank() == 0 ? 1 : size(-1);
  const std::int64_t stride = rank() == 0 ? 1 : strides()[-1];
  static_cast<void>(f32());  // checks the dtype
  for_each_row(*this, [&](const void* row) {
    auto* values = static_cast<float*>(const_cast<void*>(row));
    for (std::int64_t i = 0; i < length; ++i) values[i * stride] = value;
  });
}

void MutableTensorView::copy_from(const TensorView& source) const {
  if (source.dtype() != dtype() || !(source.shape() == shape()))
    refuse(fmt::format("{} {} copied into {} {}", name(source.dtype()), to_string(source.shape()),
                       name(dtype()), to_string(shape())));
  if (count() == 0) return;
  const std::size_t item = size_in_bytes(dtype());
  auto* target = static_cast<std::byte*>(const_cast<void*>(data()));
  if (is_contiguous() && source.is_contiguous()) {
    std::memcpy(target, source.data(), static_cast<std::size_t>(count()) * item);
    return;
  }
  if (rank() > 1) {
    for (std::int64_t i = 0; i < size(0); ++i) select(0, i).copy_from(source.select(0, i));
    return;
  }
  for (std::int64_t i = 0; i < size(0); ++i)
    std::memcpy(target + i * strides()[0] * static_cast<std::int64_t>(item),
                advance(source.data(), dtype(), i * source.strides()[0]), item);
}

// ---- Tensor

Tensor::Tensor(const Shape& shape, DType dtype) : writable_(true) {
  check_sizes(shape);
  const std::size_t size_bytes = static_cast<std::size_t>(shape.count()) * size_in_bytes(dtype);
  // One byte at least, so that a tensor without elements still has an owner.
  std::shared_ptr<std::byte> memory = allocate_aligned(std::max<std::size_t>(size_bytes, 1));
  std::memset(memory.get(), 0, size_bytes);
  view_ = TensorView(memory.get(), dtype, shape);
  owner_ = std::move(memory);
}

Tensor::Tensor(std::shared_ptr<const void> owner, const void* data, DType dtype, const Shape& shape)
    : owner_(std::move(owner)), view_(data, dtype, shape) {}

Tensor Tensor::adopt(std::shared_ptr<void> memory, DType dtype, const Shape& shape) {
  const void* data = memory.get();
  Tensor tensor(std::move(memory), data, dtype, shape);
  tensor.writable_ = true;
  return tensor;
}

Tensor Tensor::of(const Shape& shape, const std::vector<float>& values) {
  return copy_of(values.data(), values.size(), DType::f32, shape);
}

Tensor Tensor::of(const Shape& shape, const std::vector<std::int64_t>& values) {
  return copy_of(values.data(), values.size(), DType::i64, shape);
}

MutableTensorView Tensor::mutable_view() & {
  if (!writable_) refuse("a tensor in somebody else's memory cannot be written; copy it with view().own()");
  return {const_cast<void*>(view_.data()), dtype(), shape()};
}

Tensor Tensor::reshape(const Shape& shape) const {
  Tensor result = *this;
  result.view_ = view_.reshape(shape);
  return result;
}

Tensor head_mean(const TensorView& attn_weights) {
  const float scale = attn_weights.rank() < 3 ? 1.0F : 1.0F / static_cast<float>(attn_weights.size(-3));
  return reduce_heads(attn_weights, scale, [](float a, float b) { return a + b; });
}

Tensor head_max(const TensorView& attn_weights) {
  return reduce_heads(attn_weights, 1.0F, [](float a, float b) { return std::max(a, b); });
}

Tensor stack(const std::vector<Tensor>& tensors) {
  if (tensors.empty()) refuse("nothing to stack");
  const Tensor& first = tensors.front();
  Tensor result(first.shape().with_front(static_cast<std::int64_t>(tensors.size())), first.dtype());
  std::int64_t index = 0;
  for (const Tensor& tensor : tensors) result.mutable_view().select(0, index++).copy_from(tensor.view());
  return result;
}

}  // namespace attnscope
