// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace attnscope {

/// Element type. F16 and BF16 occur in checkpoints only; computed values are F32, ids are I64.
enum class DType { f32, f16, bf16, i64 };

[[nodiscard]] std::size_t size_in_bytes(DType dtype);
[[nodiscard]] const char* name(DType dtype);  ///< "F32", "F16", "BF16", "I64", as in safetensors

/// Sizes of up to eight dimensions, without heap memory.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> sizes);
  explicit Shape(const std::vector<std::int64_t>& sizes);

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] std::int64_t operator[](int dim) const { return sizes_[index(dim)]; }
  [[nodiscard]] std::int64_t& operator[](int dim) { return sizes_[index(dim)]; }
  [[nodiscard]] std::int64_t count() const;  ///< product of the sizes; 1 for rank 0
  [[nodiscard]] const std::int64_t* begin() const { return sizes_.data(); }
  [[nodiscard]] const std::int64_t* end() const { return sizes_.data() + rank_; }
  [[nodiscard]] Shape without(int dim) const;          ///< the shape less one dimension
  [[nodiscard]] Shape with_front(std::int64_t) const;  ///< the shape with one more in front
  [[nodiscard]] bool operator==(const Shape& other) const;

 private:
  void assign(const std::int64_t* sizes, std::size_t count);
  [[nodiscard]] std::size_t index(int dim) const {
    return static_cast<std::size_t>(dim < 0 ? dim + rank_ : dim);
  }
  std::array<std::int64_t, kMaxRank> sizes_{};
  int rank_ = 0;
};

[[nodiscard]] std::string to_string(const Shape& shape);  ///< "[1, 12, 9, 9]"

class Tensor;

/// A window on somebody else's memory: valid only as long as its owner says.
class TensorView {
 public:
  TensorView() = default;
  /// Contiguous, row-major.
  TensorView(const void* data, DType dtype, const Shape& shape);
  /// Strides are in elements.
  TensorView(const void* data, DType dtype, const Shape& shape, const Shape& strides);

  [[nodiscard]] DType dtype() const { return dtype_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const Shape& strides() const { return strides_; }
  [[nodiscard]] int rank() const { return shape_.rank(); }
  [[nodiscard]] std::int64_t size(int dim) const { return shape_[dim]; }
  [[nodiscard]] std::int64_t count() const { return shape_.count(); }
  [[nodiscard]] bool is_contiguous() const;
  [[nodiscard]] const void* data() const { return data_; }
  [[nodiscard]] const float* f32() const;         ///< throws InvalidArgument for another dtype
  [[nodiscard]] const std::int64_t* i64() const;  ///< throws InvalidArgument for another dtype

  /// One element of an F32 view, checked.  Example: weights.at({0, 3, 1, 2})
  [[nodiscard]] float at(std::initializer_list<std::int64_t> index) const;
  /// The view at one index of one dimension, which disappears.  Example: weights.select(1, 3)  // head 3
  [[nodiscard]] TensorView select(int dim, std::int64_t index) const;
  /// `length` indices of one dimension from `start` on.
  [[nodiscard]] TensorView narrow(int dim, std::int64_t start, std::int64_t length) const;
  /// The same elements under another shape; throws InvalidArgument unless contiguous and of equal count.
  [[nodiscard]] TensorView reshape(const Shape& shape) const;
  /// A contiguous copy that owns its memory.
  [[nodiscard]] Tensor own() const;

 protected:
  const void* data_ = nullptr;
  DType dtype_ = DType::f32;
  Shape shape_;
  Shape strides_;
};

/// A TensorView that may be written through.
class MutableTensorView : public TensorView {
 public:
  MutableTensorView() = default;
  MutableTensorView(void* data, DType dtype, const Shape& shape) : TensorView(data, dtype, shape) {}
  MutableTensorView(void* data, DType dtype, const Shape& shape, const Shape& strides)
      : TensorView(data, dtype, shape, strides) {}

  [[nodiscard]] float* f32() const;
  [[nodiscard]] std::int64_t* i64() const;
  [[nodiscard]] MutableTensorView select(int dim, std::int64_t index) const;
  [[nodiscard]] MutableTensorView narrow(int dim, std::int64_t start, std::int64_t length) const;
  void fill(float value) const;
  /// Throws InvalidArgument unless shapes and dtypes agree.
  void copy_from(const TensorView& source) const;
};

/// A value: shape, dtype and a shared reference to contiguous memory. Copying it copies the reference.
class Tensor {
 public:
  Tensor() = default;
  /// Memory of its own, zeroed.
  explicit Tensor(const Shape& shape, DType dtype = DType::f32);
  /// Memory of somebody else that stays alive as long as `owner` does. Never written through.
  Tensor(std::shared_ptr<const void> owner, const void* data, DType dtype, const Shape& shape);
  /// Memory that is handed over: the tensor may be written through, as one with memory of its own.
  static Tensor adopt(std::shared_ptr<void> memory, DType dtype, const Shape& shape);
  static Tensor of(const Shape& shape, const std::vector<float>& values);
  static Tensor of(const Shape& shape, const std::vector<std::int64_t>& values);

  [[nodiscard]] bool empty() const { return owner_ == nullptr; }  ///< true when nothing was assigned
  /// What keeps the memory alive.
  [[nodiscard]] const std::shared_ptr<const void>& owner() const { return owner_; }
  [[nodiscard]] DType dtype() const { return view_.dtype(); }
  [[nodiscard]] const Shape& shape() const { return view_.shape(); }
  [[nodiscard]] std::int64_t size(int dim) const { return view_.size(dim); }
  [[nodiscard]] int rank() const { return view_.rank(); }
  [[nodiscard]] std::int64_t count() const { return view_.count(); }
  [[nodiscard]] const float* f32() const { return view_.f32(); }
  [[nodiscard]] const std::int64_t* i64() const { return view_.i64(); }
  [[nodiscard]] float at(std::initializer_list<std::int64_t> index) const { return view_.at(index); }

  [[nodiscard]] const TensorView& view() const& { return view_; }
  TensorView view() && = delete;  // a view of a temporary would dangle
  /// Throws InvalidArgument when the memory is somebody else's.
  [[nodiscard]] MutableTensorView mutable_view() &;
  MutableTensorView mutable_view() && = delete;
  /// The same memory under another shape of equal count.
  [[nodiscard]] Tensor reshape(const Shape& shape) const;

 private:
  std::shared_ptr<const void> owner_;
  TensorView view_;
  bool writable_ = false;
};

/// Mean over the heads.
/// Shapes: attn_weights [..., head, query, key].  Returns: [..., query, key].
[[nodiscard]] Tensor head_mean(const TensorView& attn_weights);

/// Largest weight over the heads, element by element. Rows no longer sum to 1.
/// Shapes: attn_weights [..., head, query, key].  Returns: [..., query, key].
[[nodiscard]] Tensor head_max(const TensorView& attn_weights);

/// Tensors of equal shape, one after another along a new first dimension (as torch.stack).
[[nodiscard]] Tensor stack(const std::vector<Tensor>& tensors);

}  // namespace attnscope
