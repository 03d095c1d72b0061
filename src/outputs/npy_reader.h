// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "attnscope/outputs.h"

namespace attnscope {

/// An array of an npy file: F32, F16, I64, or strings. `label` names the file in errors.
/// Throws:  CheckpointError (NPY).
[[nodiscard]] NamedArray read_npy(const std::string& name, std::string_view bytes, const std::string& label);

}  // namespace attnscope
