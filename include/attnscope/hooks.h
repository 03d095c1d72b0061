// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "attnscope/tensor.h"

namespace attnscope {

/// One input or output of a module during a hook: the values of all texts of the batch.
/// Valid only until the hook returns; `own()` what is to be kept.
class Activation {
 public:
  /// Hugging Face's shape with the batch in front: [batch, seq, width], [batch, head, query, key].
  /// Throws HookError (HOOK_RAGGED) if the texts differ in length (there is no padding): use text(i) then.
  [[nodiscard]] TensorView view() const;
  /// The part of one text, without the batch dimension: [seq, width], [head, query, key], [width].
  [[nodiscard]] TensorView text(std::int64_t index) const;
  /// The dimensions of text(i) that run over its tokens: {0} for [seq, width], {1, 2} for weights, {} for
  /// [width].
  [[nodiscard]] std::vector<int> token_dims() const;
  /// A copy of view() that may be kept.
  [[nodiscard]] Tensor own() const { return view().own(); }
  [[nodiscard]] std::int64_t num_texts() const;

  struct Impl;  // private to the library
  explicit Activation(const Impl* impl) : impl_(impl) {}

 private:
  const Impl* impl_;
};

/// What a hook is told, and where it may change the run.
class HookEvent {
 public:
  [[nodiscard]] const std::string& path() const;  ///< "transformer.layer.1.attention.attn"
  [[nodiscard]] const std::string& type() const;  ///< Hugging Face's class: "Linear", "LayerNorm", ...
  [[nodiscard]] std::int64_t call() const;        ///< calls of this module earlier in this forward
  /// Whether the module or an earlier hook threw, and this is an always_call hook all the same.
  [[nodiscard]] bool failed() const;
  [[nodiscard]] std::int64_t num_texts() const;
  [[nodiscard]] std::int64_t seq_len(std::int64_t text) const;
  /// Tokens of the text that are attended to, the first ones: seq_len less Sequence::num_unattended.
  [[nodiscard]] std::int64_t num_keys(std::int64_t text) const;

  [[nodiscard]] std::size_t num_inputs() const;
  [[nodiscard]] Activation input(std::size_t index) const;
  /// 0 in a forward-pre hook, and in an always_call hook when the module failed.
  [[nodiscard]] std::size_t num_outputs() const;
  [[nodiscard]] Activation output(std::size_t index) const;
  /// The same before hooks of this call changed any of it; where none has, the very same memory.
  [[nodiscard]] Activation given_input(std::size_t index) const;
  [[nodiscard]] Activation computed_output(std::size_t index) const;

  /// Replaces a value for everything that comes after, later hooks included. In a forward-pre hook
  /// inputs may be replaced, in a forward hook outputs. `value` has the shape of view(), or, for the
  /// overload with a text, of text(i).
  /// Throws:  HookError (HOOK_SHAPE) if shape or dtype differ; the run throws it if a value is NaN.
  void replace_input(std::size_t index, const TensorView& value);
  void replace_input(std::size_t index, std::int64_t text, const TensorView& value);
  void replace_output(std::size_t index, const TensorView& value);
  void replace_output(std::size_t index, std::int64_t text, const TensorView& value);

  /// The part of one text, to be changed in place (a copy is made on first use, so that nothing else
  /// that shares the memory changes). Same meaning as replace_*.
  [[nodiscard]] MutableTensorView edit_input(std::size_t index, std::int64_t text = 0);
  [[nodiscard]] MutableTensorView edit_output(std::size_t index, std::int64_t text = 0);

  struct Impl;  // private to the library
  explicit HookEvent(Impl* impl) : impl_(impl) {}

 private:
  Impl* impl_;
};

using Hook = std::function<void(HookEvent&)>;

struct HookOptions {
  bool prepend = false;      ///< before the hooks of the module that are there already
  bool always_call = false;  ///< forward hooks: called even if the module or an earlier hook threw
};

/// Removes its hook when it is destroyed, unless detach() was called.
class HookHandle {
 public:
  HookHandle() = default;
  ~HookHandle() { remove(); }
  HookHandle(HookHandle&& other) noexcept = default;
  HookHandle& operator=(HookHandle&& other) noexcept {
    remove();
    removal_ = std::move(other.removal_);
    return *this;
  }
  HookHandle(const HookHandle&) = delete;
  HookHandle& operator=(const HookHandle&) = delete;

  /// Idempotent; safe after the run has gone; inside a hook it takes effect with the next call.
  void remove() noexcept;
  /// Leaves the hook in place for the life of the run, as dropping PyTorch's handle does.
  void detach() noexcept { removal_.reset(); }
  [[nodiscard]] bool active() const noexcept;

  struct Removal;  // private to the library
  explicit HookHandle(Removal* removal) : removal_(removal) {}

 private:
  struct RemovalDeleter {
    void operator()(Removal* removal) const noexcept;
  };
  std::unique_ptr<Removal, RemovalDeleter> removal_;
};

}  // namespace attnscope
