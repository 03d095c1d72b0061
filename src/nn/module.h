// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "attnscope/model.h"
#include "checkpoint/scope.h"
#include "nn/value.h"

namespace attnscope::nn {

class Execution;

/// A node of the model: one dotted path, which is weight name, hook name and place in errors.
/// Immutable once the tree is built. Parents call children through the Execution, never forward() directly.
class Module {
 public:
  /// `type` is Hugging Face's class name.
  Module(std::string path, std::string type) : path_(std::move(path)), type_(std::move(type)) {}
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  [[nodiscard]] virtual Values forward(const Values& inputs, Execution& run) const = 0;
  /// Called after a hook has replaced outputs: what depends on them may be brought in line.
  virtual void mend(Values& /*outputs*/, const Values& /*inputs*/, std::size_t /*replaced*/,
                    Execution&) const {}

  /// Whether the module runs several layers, so that its inputs must be kept for its hooks.
  [[nodiscard]] virtual bool spans_layers() const { return false; }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& type() const { return type_; }
  [[nodiscard]] const std::vector<Module*>& children() const { return children_; }
  [[nodiscard]] const std::vector<ParameterInfo>& parameters() const { return parameters_; }
  /// Position in Hugging Face's named_modules() order; the key of hooks.
  [[nodiscard]] std::size_t id() const { return id_; }
  void set_id(std::size_t id) { id_ = id; }

 protected:
  /// Names the children in Hugging Face's order.
  void adopt(std::initializer_list<Module*> children) { children_.insert(children_.end(), children); }
  /// Takes "weight" or "bias" from the checkpoint.
  [[nodiscard]] Tensor parameter(const Scope& scope, const char* name, const Shape& shape) {
    const Tensor value = scope.take(name, shape);
    declare(name, value);
    return value;
  }
  /// Names a parameter that was taken elsewhere.
  void declare(const char* name, const Tensor& value) {
    declare(
        name, value.shape(), [value] { return value; }, value.view().data());
  }
  void declare(const char* name, const Shape& shape, std::function<Tensor()> value, const void* identity) {
    parameters_.push_back({name, shape, std::move(value), identity});
  }

 private:
  std::string path_;
  std::string type_;
  std::vector<Module*> children_;
  std::vector<ParameterInfo> parameters_;
  std::size_t id_ = 0;
};

/// A module that Hugging Face has and never calls in inference (ModuleList, a loss). A hook on it never
/// fires.
class Uncalled : public Module {
 public:
  using Module::adopt;
  using Module::Module;
  [[nodiscard]] Values forward(const Values& inputs, Execution&) const override { return inputs; }
};

}  // namespace attnscope::nn
