// SPDX-License-Identifier: Apache-2.0
#include "viewer/model_state.h"

#include <map>

namespace attnscope {
namespace {

using Outputs = std::vector<std::pair<Shape, DType>>;

Outputs outputs_of(const HookEvent& event) {
  Outputs outputs;
  for (std::size_t index = 0; index < event.num_outputs(); ++index) {
    const TensorView output = event.output(index).view();
    outputs.emplace_back(output.shape(), output.dtype());
  }
  return outputs;
}

/// Queries or keys of all layers, as their Linear modules give them.
class StatesOfHeads {
 public:
  explicit StatesOfHeads(const ModelInfo& model) : layers_(model.num_layers), heads_(model.num_heads) {}

  /// `rows` is [n, heads * head_dim].
  void keep(std::int64_t layer, const TensorView& rows) {
    const std::int64_t width = rows.size(1) / heads_;
    if (states_.empty()) states_ = Tensor(Shape{layers_, heads_, rows.size(0), width});
    const MutableTensorView of_layer = states_.mutable_view().select(0, layer);
    for (std::int64_t head = 0; head < heads_; ++head)
      of_layer.select(0, head).copy_from(rows.narrow(1, head * width, width));
  }
  [[nodiscard]] const Tensor& value() const { return states_; }

 private:
  std::int64_t layers_;
  std::int64_t heads_;
  Tensor states_;
};

HookHandle keep_outputs(Run& run, const std::string& path, std::int64_t layer, StatesOfHeads& states) {
  return run.register_forward_hook(
      path, [&states, layer](HookEvent& event) { states.keep(layer, event.output(0).text(0)); });
}

Request request_of(const ModelInfo& model) {
  Request request = Request::attentions();
  request.logits = model.task != Task::none;
  return request;
}

}  // namespace

ModelState run_for_page(Run& run, const Encoding& encoding) {
  const Model model = run.model();
  StatesOfHeads queries(model.info());
  StatesOfHeads keys(model.info());
  std::map<std::string, Outputs> outputs;
  std::vector<HookHandle> hooks;
  for (const ModuleInfo& module : model.modules())
    hooks.push_back(run.register_forward_hook(
        module, [&outputs](HookEvent& event) { outputs.try_emplace(event.path(), outputs_of(event)); }));
  const std::vector<LayerParts>& layers = model.parts().layers;
  for (std::size_t layer = 0; layer < layers.size(); ++layer) {
    hooks.push_back(keep_outputs(run, layers[layer].query, static_cast<std::int64_t>(layer), queries));
    hooks.push_back(keep_outputs(run, layers[layer].key, static_cast<std::int64_t>(layer), keys));
  }
  Captures captures = run(std::vector<Encoding>{encoding}, request_of(model.info()));
  TextCapture& capture = captures.texts.front();
  ModelState state{capture.attentions, capture.logits, queries.value(), keys.value(), {}, capture.notices};
  for (const ModuleInfo& module : model.modules())
    state.modules.push_back({module.path, module.type, outputs[module.path]});
  return state;
}

}  // namespace attnscope
