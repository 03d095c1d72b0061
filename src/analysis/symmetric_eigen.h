// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace attnscope::analysis {

/// Eigenvalues in falling order; vectors[i * m + k] is coordinate i of the k-th eigenvector, of length 1.
struct SymmetricEigen {
  std::vector<double> values;   // [m]
  std::vector<double> vectors;  // [m, m]
};

/// All eigenvalues and eigenvectors of a symmetric matrix [m, m], by Jacobi's rotations.
/// Cost:    O(m^3), about ten sweeps.
[[nodiscard]] SymmetricEigen symmetric_eigen(std::vector<double> matrix, std::int64_t m);

}  // namespace attnscope::analysis
