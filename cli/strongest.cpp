// SPDX-License-Identifier: Apache-2.0
#include "strongest.h"

#include <algorithm>

namespace attnscope::cli {
namespace {

StrongWeight weight_at(const TensorView& layer, std::int64_t index) {
  const std::int64_t rows = layer.size(-2);
  const std::int64_t tokens = layer.size(-1);
  StrongWeight found;
  if (layer.rank() == 3) found.head = index / (rows * tokens);
  found.from = index / tokens % rows;
  found.to = index % tokens;
  found.weight = layer.f32()[index];
  return found;
}

}  // namespace

std::vector<StrongWeight> strongest(const TensorView& layer, std::size_t count) {
  const float* values = layer.f32();
  std::vector<std::int64_t> best;  // kept sorted; `count` is small
  for (std::int64_t index = 0; index < layer.count(); ++index) {
    if (best.size() == count && values[index] <= values[best.back()]) continue;
    const auto place = std::find_if(best.begin(), best.end(),
                                    [&](std::int64_t other) { return values[index] > values[other]; });
    best.insert(place, index);
    if (best.size() > count) best.pop_back();
  }
  std::vector<StrongWeight> weights;
  for (const std::int64_t index : best) weights.push_back(weight_at(layer, index));
  return weights;
}

}  // namespace attnscope::cli
