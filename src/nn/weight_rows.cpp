// SPDX-License-Identifier: Apache-2.0
#include "nn/weight_rows.h"

#include <utility>

namespace attnscope::nn {

WeightRows::WeightRows(Tensor rows)
    : shape_(rows.shape()), data_(rows.view().data()), owner_(rows.owner()), rows_(std::move(rows)) {}

Tensor WeightRows::find() const {
  if (!rows_.empty()) return rows_;
  if (auto owner = owner_.lock()) return {std::move(owner), data_, DType::f32, shape_};
  return {};
}

// Making takes long: threads that ask at once make their own.
Tensor WeightRows::get() const {
  std::function<Tensor()> make;
  {
    const std::lock_guard lock(mutex_);
    if (Tensor found = find(); !found.empty()) return found;
    make = make_;
  }
  return make();
}

Tensor WeightRows::keep() {
  const std::lock_guard lock(mutex_);
  if (rows_.empty()) rows_ = find();
  if (rows_.empty()) rows_ = make_();
  return rows_;
}

void WeightRows::give_up(std::function<Tensor()> make) {
  const std::lock_guard lock(mutex_);
  make_ = std::move(make);
  rows_ = Tensor();
}

}  // namespace attnscope::nn
