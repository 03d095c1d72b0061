// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/kernels.h"

namespace attnscope::kernels {

// The C library's copy uses the widest instructions by itself.
void gather_rows(const float* table, const std::int64_t* ids, std::int64_t rows, std::int64_t width,
                 float* output) {
  for (std::int64_t row = 0; row < rows; ++row)
    std::copy_n(table + ids[row] * width, width, output + row * width);
}

}  // namespace attnscope::kernels
