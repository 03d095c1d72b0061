// SPDX-License-Identifier: Apache-2.0
#include "arrays.h"

#include <array>
#include <memory>

#include "attnscope/error.h"
#include "shared_object.h"

namespace nb = nanobind;

namespace attnscope::python {
namespace {

nb::capsule owner_of(const Tensor& tensor) {
  return nb::capsule(new Tensor(tensor), [](void* kept) noexcept { delete static_cast<Tensor*>(kept); });
}

template <class... Kind>
nb::object export_as(const Tensor& tensor, nb::dlpack::dtype dtype) {
  std::array<std::size_t, Shape::kMaxRank> sizes{};
  std::copy(tensor.shape().begin(), tensor.shape().end(), sizes.begin());
  const nb::ndarray<Kind...> array(const_cast<void*>(tensor.view().data()),
                                   static_cast<std::size_t>(tensor.rank()), sizes.data(), owner_of(tensor),
                                   nullptr, dtype);
  return nb::cast(array);
}

nb::dlpack::dtype dtype_of(const Tensor& tensor) {
  return tensor.dtype() == DType::i64 ? nb::dtype<std::int64_t>() : nb::dtype<float>();
}

[[noreturn]] void refuse(const std::string& place, std::string what) {
  ErrorInfo info;
  info.kind = ErrorKind::usage;
  info.code = "HOOK_SHAPE";
  info.file = "hooks";
  info.where = place;
  info.field = place;
  info.what = std::move(what);
  info.hint = "give float32 (ids: int64) on the CPU";
  throw HookError(std::move(info));
}

}  // namespace

nb::object to_python(const Tensor& tensor, Framework framework) {
  if (framework == Framework::torch) return export_as<nb::pytorch>(tensor, dtype_of(tensor));
  if (framework == Framework::writable_numpy) return export_as<nb::numpy>(tensor, dtype_of(tensor));
  return export_as<nb::numpy, nb::ro>(tensor, dtype_of(tensor));
}

Shape shape_of(const AnyArray& array) {
  std::vector<std::int64_t> sizes;
  for (std::size_t dim = 0; dim < array.ndim(); ++dim)
    sizes.push_back(static_cast<std::int64_t>(array.shape(dim)));
  return Shape(sizes);
}

TensorView view_of(const AnyArray& array, const std::string& place) {
  if (array.ndim() > Shape::kMaxRank) refuse(place, "a value has too many dimensions");
  if (array.device_type() != nb::device::cpu::value) refuse(place, "a value is not in the memory of the CPU");
  const bool is_float = array.dtype() == nb::dtype<float>();
  if (!is_float && array.dtype() != nb::dtype<std::int64_t>())
    refuse(place, "a value is neither float32 nor int64");
  Shape strides = shape_of(array);
  for (std::size_t dim = 0; dim < array.ndim(); ++dim) strides[static_cast<int>(dim)] = array.stride(dim);
  return {array.data(), is_float ? DType::f32 : DType::i64, shape_of(array), strides};
}

Tensor tensor_of(const std::optional<FloatArray>& array) {
  if (!array) return {};
  return {std::make_shared<SharedObject>(nb::cast(*array)), array->data(), DType::f32,
          shape_of(AnyArray(*array))};
}

}  // namespace attnscope::python
