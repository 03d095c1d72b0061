// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "attnscope/outputs.h"

namespace attnscope {

/// How a matrix is drawn into the room there is.
enum class CellKind {
  number,  ///< the weight in figures
  block,   ///< a stretch of one line
  half,    ///< half a line: two rows of the matrix a line
};

struct MatrixLayout {
  CellKind kind = CellKind::number;
  int cell_width = 1;   ///< in terminal cells
  int index_width = 1;  ///< figures of the largest token index
  int label_width = 1;
  std::int64_t size = 0;  ///< rows and columns drawn; fewer than tokens when pooled
  std::int64_t tokens = 0;

  [[nodiscard]] bool pooled() const { return size < tokens; }
  [[nodiscard]] int prefix_width() const { return index_width + 1 + label_width + 1; }
};

[[nodiscard]] MatrixLayout lay_out_matrix(const std::vector<std::string>& labels,
                                          const PictureOptions& options);

}  // namespace attnscope
