// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "attnscope/model.h"
#include "core/memory.h"
#include "core/message.h"
#include "kernels/kernels.h"

namespace attnscope {
namespace {

[[noreturn]] void refuse(const char* field, const std::string& what, const std::string& hint) {
  throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "weights on demand")
                            .field(field)
                            .found("{}", what)
                            .hint("{}", hint));
}

std::int64_t slot_of(const std::vector<std::int64_t>& kept, std::int64_t wanted, const char* field) {
  const auto found = std::find(kept.begin(), kept.end(), wanted);
  if (found == kept.end())
    refuse(field, fmt::format("{} was not kept", wanted), fmt::format("kept: {}", fmt::join(kept, ", ")));
  return found - kept.begin();
}

}  // namespace

Tensor WeightsOnDemand::weights(std::int64_t layer, std::int64_t head) const {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(num_tokens()));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  return weights(layer, head, rows);
}

Tensor WeightsOnDemand::weights(std::int64_t layer, std::int64_t head,
                                const std::vector<std::int64_t>& rows) const {
  const std::int64_t layer_slot = slot_of(layers_, layer, "layer");
  const std::int64_t head_slot = slot_of(heads_, head, "head");
  const std::int64_t n = num_tokens();
  const TensorView states = states_.view().select(0, layer_slot).select(0, head_slot);  // [2, n, head_dim]

  kernels::AttentionHead work;
  work.seq_len = n;
  work.num_keys = num_keys_;
  work.head_dim = states.size(2);
  work.scaling = 1.0F / std::sqrt(static_cast<float>(work.head_dim));
  work.key = states.select(0, 1).f32();
  work.query_stride = work.key_stride = work.head_dim;

  const auto count = static_cast<std::int64_t>(rows.size());
  Tensor queries({count, work.head_dim});
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t row = rows[static_cast<std::size_t>(i)];
    if (row < -n || row >= n)
      refuse("rows", fmt::format("{} does not exist", row), fmt::format("choose from 0..{}", n - 1));
    queries.mutable_view().select(0, i).copy_from(states.select(0, 0).select(0, row < 0 ? row + n : row));
  }
  work.query = queries.f32();
  Tensor weights({count, n});
  work.outputs.weights = weights.mutable_view().f32();
  const auto scratch = allocate_aligned(
      static_cast<std::size_t>(kernels::attention_scratch_floats(n, work.head_dim)) * sizeof(float));
  kernels::attention_head(work, 0, count, reinterpret_cast<float*>(scratch.get()));
  return weights;
}

}  // namespace attnscope
