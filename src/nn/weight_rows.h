// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "attnscope/tensor.h"

namespace attnscope::nn {

/// The rows of a weight [out, in], F32. They may be given up for another form of the weight, from which they
/// are made again when they are asked for. Threads may share it.
class WeightRows {
 public:
  explicit WeightRows(Tensor rows);

  [[nodiscard]] std::int64_t in() const { return shape_[1]; }
  [[nodiscard]] std::int64_t out() const { return shape_[0]; }
  /// Where they were first.
  [[nodiscard]] const void* identity() const { return data_; }
  /// The rows; after they were given up the same memory if somebody else still holds it, else new memory.
  [[nodiscard]] Tensor get() const;
  /// The same for good: later calls get these rows, too.
  [[nodiscard]] Tensor keep();
  /// Lets go of the rows. `make` makes them again, on any thread. At most once.
  void give_up(std::function<Tensor()> make);

 private:
  [[nodiscard]] Tensor find() const;

  Shape shape_;
  const void* data_;
  std::weak_ptr<const void> owner_;
  mutable std::mutex mutex_;  // of the following
  Tensor rows_;               // empty: given up
  std::function<Tensor()> make_;
};

}  // namespace attnscope::nn
