// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attnscope/outputs.h"
#include "attnscope/tensor.h"

namespace attnscope::cli {

/// The numbers of a tensor as arrays within arrays.
inline void write_numbers(JsonWriter& json, const TensorView& values) {
  json.begin_array();
  for (std::int64_t index = 0; index < values.size(0); ++index) {
    if (values.rank() == 1) {
      json.value(values.at({index}));
    } else {
      write_numbers(json, values.select(0, index));
    }
  }
  json.end_array();
}

}  // namespace attnscope::cli
