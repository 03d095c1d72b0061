// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "attnscope/checkpoint.h"
#include "attnscope/tensor.h"

namespace attnscope {

/// All tensors of a checkpoint under canonical names.
///
/// Canonical: wrappers' prefixes "module." and "model." removed; LayerNorm.gamma/beta are weight/bias;
/// `base_prefix` ("distilbert.") removed where present, so base and task files read alike. Buffers that are
/// no parameters (position_ids, token_type_ids) are dropped. Remembers which names were asked for.
class Weights {
 public:
  /// Throws CheckpointError (MODEL_TENSOR) if two tensors get the same canonical name.
  Weights(const std::vector<SafetensorsFile>& files, const std::string& base_prefix,
          const std::string& config_label);
  /// The same of tensors in memory, by the names that they would have in a file. `label` stands for the file
  /// in messages. F32 tensors are used where they are.
  Weights(const std::map<std::string, Tensor>& tensors, const std::string& label,
          const std::string& base_prefix, const std::string& config_label);

  [[nodiscard]] bool has(std::string_view name) const;
  /// As F32 (F16 and BF16 are converted), shape checked, read-only.
  /// Throws:  CheckpointError: MODEL_TENSOR (missing, with nearest names; transposed; wrong dtype) or
  ///          CFG_MISMATCH (shape is not what config.json says: both numbers, both files).
  /// A missing tensor does not throw at once: up to 10 are gathered, and check_complete() throws them
  /// together; meanwhile a tensor of zeros of that shape is returned. One more, or a large one, throws what
  /// was gathered.
  [[nodiscard]] Tensor take(std::string_view name, const Shape& shape);
  void check_complete() const;
  /// Throws:  CheckpointError (NOT_FINITE) for a tensor, taken or not, that holds NaN or infinity.
  void check_finite() const;
  /// Names of the file that nobody took, sorted (extra tensors: worth a notice).
  [[nodiscard]] std::vector<std::string> unused() const;
  [[nodiscard]] std::int64_t num_parameters() const;  ///< elements taken

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A place in the module tree: the dotted path of a module and the weights behind it.
class Scope {
 public:
  /// `prefix` is what Hugging Face's named_modules() puts before the base model in this class ("distilbert"),
  /// empty for the base class.
  explicit Scope(Weights weights, std::string path = {}, std::string prefix = {})
      : weights_(std::move(weights)), path_(std::move(path)), prefix_(std::move(prefix)) {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Scope operator/(std::string_view name) const;
  [[nodiscard]] Scope operator/(std::int64_t index) const;
  /// "weight" or "bias" of this module, by its canonical name.
  [[nodiscard]] Tensor take(std::string_view name, const Shape& shape) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const Weights& weights() const { return weights_; }

 private:
  [[nodiscard]] std::string canonical(std::string_view name) const;
  mutable Weights weights_;
  std::string path_;
  std::string prefix_;
};

}  // namespace attnscope
