// SPDX-License-Identifier: Apache-2.0
#include "analysis/matrices.h"

#include <algorithm>
#include <limits>

namespace attnscope::analysis {
namespace {

bool is_allowed(float value, Values values) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  return value <= kLargest && value >= (values == Values::weights ? 0.0F : -kLargest);
}

bool all_allowed(const float* row, std::int64_t n, Values values) {
  bool allowed = true;
  for (std::int64_t key = 0; key < n; ++key) allowed &= is_allowed(row[key], values);
  return allowed;
}

// "layer 0, head 3, row 5"
std::string place_of(const Shape& leading, std::int64_t matrix, std::int64_t query) {
  std::vector<std::int64_t> index(static_cast<std::size_t>(leading.rank()));
  for (int dim = leading.rank() - 1; dim >= 0; --dim) {
    index[static_cast<std::size_t>(dim)] = matrix % leading[dim];
    matrix /= leading[dim];
  }
  switch (leading.rank()) {
    case 0:
      return fmt::format("row {}", query);
    case 1:
      return fmt::format("layer {}, row {}", index[0], query);
    case 2:
      return fmt::format("layer {}, head {}, row {}", index[0], index[1], query);
    default:
      return fmt::format("matrix [{}], row {}", fmt::join(index, ", "), query);
  }
}

void append_first_rows(const TensorView& stack, std::vector<const float*>& first_rows) {
  if (stack.rank() == 2) return first_rows.push_back(stack.f32());
  for (std::int64_t i = 0; i < stack.size(0); ++i) append_first_rows(stack.select(0, i), first_rows);
}

}  // namespace

Matrices::Matrices(const TensorView& stack, const char* name, Values values) {
  check_tensor(stack, name, 2, Shape::kMaxRank, "[..., n, n]");
  if (stack.size(-1) != stack.size(-2))
    refuse("SHAPE", name, "has shape {}, expected [..., n, n]", to_string(stack.shape()));
  n_ = stack.size(-1);
  leading_ = stack.shape().without(-1).without(-1);
  const bool in_one_piece = n_ == 1 || stack.strides()[-1] == 1;
  if (!in_one_piece) copy_ = stack.own();
  const TensorView& rows = in_one_piece ? stack : copy_.view();
  row_stride_ = rows.strides()[-2];
  append_first_rows(rows, first_rows_);
  check_values(name, values);
}

void Matrices::check_values(const char* name, Values values) const {
  std::int64_t first_bad = count();
#pragma omp parallel for schedule(static) reduction(min : first_bad) if (is_large())
  for (std::int64_t matrix = 0; matrix < count(); ++matrix)
    for (std::int64_t query = 0; query < n_; ++query)
      if (!all_allowed(row(matrix, query), n_, values)) first_bad = std::min(first_bad, matrix);
  if (first_bad == count()) return;

  std::int64_t query = 0;
  while (all_allowed(row(first_bad, query), n_, values)) ++query;
  const float* found = row(first_bad, query);
  while (is_allowed(*found, values)) ++found;
  const char* expected = values == Values::weights ? "a finite number, 0 or more" : "a finite number";
  throw InvalidArgument(
      problem(ErrorKind::usage, "VALUE", name)
          .at(place_of(leading_, first_bad, query))
          .found("{} at column {}, expected {}", *found, found - row(first_bad, query), expected));
}

void check_tensor(const TensorView& tensor, const char* name, int min_rank, int max_rank,
                  const char* expected) {
  if (tensor.dtype() != DType::f32)
    refuse("DTYPE", name, "is {}, expected F32", attnscope::name(tensor.dtype()));
  if (tensor.rank() < min_rank || tensor.rank() > max_rank)
    refuse("SHAPE", name, "has shape {}, expected {}", to_string(tensor.shape()), expected);
  if (tensor.count() == 0)
    refuse("SHAPE", name, "has shape {}, expected {} without a size of 0", to_string(tensor.shape()),
           expected);
}

void check_token_count(std::size_t found, std::int64_t n, const char* name) {
  if (static_cast<std::int64_t>(found) != n)
    refuse("SHAPE", name, "has {} entries, expected one for each of the {} tokens", found, n);
}

}  // namespace attnscope::analysis
