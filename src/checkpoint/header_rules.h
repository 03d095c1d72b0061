// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attnscope/checkpoint.h"

namespace attnscope {

/// Sorts the entries by their place in the data and checks every one and all together: known dtype, a shape
/// whose bytes do not overflow, a range of just that size, ranges that cover `data_bytes` without gap or
/// overlap. Throws:  CheckpointError DTYPE, SHAPE_OVERFLOW, OFFSETS, SIZE_MISMATCH, COVERAGE, FILE_LENGTH.
void check_entries(std::vector<TensorEntry>& entries, std::uint64_t data_bytes, const std::string& label);

}  // namespace attnscope
