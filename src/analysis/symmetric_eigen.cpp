// SPDX-License-Identifier: Apache-2.0
#include "analysis/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace attnscope::analysis {
namespace {

/// A turn of two axes by which the element between them becomes 0.
struct Rotation {
  double cosine;
  double sine;

  // The smaller of the two angles.
  static Rotation that_clears(double between, double first, double second) {
    const double cotangent = (second - first) / (2.0 * between);
    const double tangent = std::copysign(1.0, cotangent) / (std::abs(cotangent) + std::hypot(1.0, cotangent));
    const double cosine = 1.0 / std::hypot(1.0, tangent);
    return {cosine, cosine * tangent};
  }

  void turn(double& first, double& second) const {
    const double before = first;
    first = cosine * before - sine * second;
    second = sine * before + cosine * second;
  }
};

/// A matrix on its way to a diagonal one.
class Jacobi {
 public:
  Jacobi(std::vector<double> matrix, std::int64_t m)
      : m_(static_cast<std::size_t>(m)), matrix_(std::move(matrix)), vectors_(m_ * m_) {
    for (std::size_t i = 0; i < m_; ++i) vectors_[i * m_ + i] = 1.0;
  }

  void run() {
    constexpr int kMaxSweeps = 60;  // ten are many
    const double whole = std::inner_product(matrix_.begin(), matrix_.end(), matrix_.begin(), 0.0);
    for (int sweep = 0; sweep < kMaxSweeps && beside_diagonal() > 1e-30 * whole; ++sweep)
      for (std::size_t p = 0; p < m_; ++p)
        for (std::size_t q = p + 1; q < m_; ++q) clear(p, q);
  }

  [[nodiscard]] SymmetricEigen in_falling_order() const {
    std::vector<std::size_t> order(m_);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [this](std::size_t a, std::size_t b) { return at(a, a) > at(b, b); });
    SymmetricEigen result{std::vector<double>(m_), std::vector<double>(m_ * m_)};
    for (std::size_t k = 0; k < m_; ++k) {
      result.values[k] = at(order[k], order[k]);
      for (std::size_t i = 0; i < m_; ++i) result.vectors[i * m_ + k] = vectors_[order[k] * m_ + i];
    }
    return result;
  }

 private:
  [[nodiscard]] double at(std::size_t row, std::size_t column) const { return matrix_[row * m_ + column]; }

  // The sum of the squares above the diagonal.
  [[nodiscard]] double beside_diagonal() const {
    double sum = 0.0;
    for (std::size_t p = 0; p < m_; ++p)
      for (std::size_t q = p + 1; q < m_; ++q) sum += at(p, q) * at(p, q);
    return sum;
  }

  void clear(std::size_t p, std::size_t q) {
    if (at(p, q) == 0.0) return;
    const Rotation rotation = Rotation::that_clears(at(p, q), at(p, p), at(q, q));
    for (std::size_t i = 0; i < m_; ++i) rotation.turn(matrix_[i * m_ + p], matrix_[i * m_ + q]);
    for (std::size_t i = 0; i < m_; ++i) rotation.turn(matrix_[p * m_ + i], matrix_[q * m_ + i]);
    for (std::size_t i = 0; i < m_; ++i) rotation.turn(vectors_[p * m_ + i], vectors_[q * m_ + i]);
    matrix_[p * m_ + q] = matrix_[q * m_ + p] = 0.0;
  }

  std::size_t m_;
  std::vector<double> matrix_;
  std::vector<double> vectors_;  // one a row
};

}  // namespace

SymmetricEigen symmetric_eigen(std::vector<double> matrix, std::int64_t m) {
  Jacobi jacobi(std::move(matrix), m);
  jacobi.run();
  return jacobi.in_falling_order();
}

}  // namespace attnscope::analysis
