// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "support/tiny_model.h"

namespace attnscope {

/// The bytes of a safetensors file with these F32 tensors.
[[nodiscard]] std::string safetensors_bytes(const WeightMap& weights);

}  // namespace attnscope
