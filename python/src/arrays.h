// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <optional>
#include <string>

#include "attnscope/tensor.h"

namespace attnscope::python {

enum class Framework { numpy, writable_numpy, torch };

/// A Python array on the tensor's own memory, which it keeps alive. numpy arrays are read-only unless said
/// otherwise.
[[nodiscard]] nanobind::object to_python(const Tensor& tensor, Framework framework);

using IdArray = nanobind::ndarray<const std::int64_t, nanobind::c_contig, nanobind::device::cpu>;
using FloatArray = nanobind::ndarray<const float, nanobind::c_contig, nanobind::device::cpu>;

using AnyArray = nanobind::ndarray<nanobind::ro>;

[[nodiscard]] Shape shape_of(const AnyArray& array);
/// A window on an F32 or I64 array of numpy or torch, whatever its strides. `place` names it in errors.
/// Throws:  HookError (HOOK_SHAPE) for another dtype or device.
[[nodiscard]] TensorView view_of(const AnyArray& array, const std::string& place);

/// The array as a Tensor that keeps it alive; nothing gives an empty one.
[[nodiscard]] Tensor tensor_of(const std::optional<FloatArray>& array);

}  // namespace attnscope::python
