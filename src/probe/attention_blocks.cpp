// SPDX-License-Identifier: Apache-2.0
#include "attnscope/contributions.h"

namespace attnscope::analysis {
namespace {

Tensor parameter(const ModuleInfo& module, const char* name) {
  for (const ParameterInfo& parameter : module.parameters)
    if (parameter.name == name) return parameter.value();
  return {};
}

AttentionBlock parameters_of(const Model& model, const LayerParts& parts) {
  const ModuleInfo& output = model.module(parts.output);
  const ModuleInfo& norm = model.module(parts.attention_norm);
  AttentionBlock block;
  block.output_weight = parameter(output, "weight");
  block.output_bias = parameter(output, "bias");
  block.norm_weight = parameter(norm, "weight");
  block.norm_bias = parameter(norm, "bias");
  block.norm_eps = model.parts().layer_norm_eps;
  return block;
}

}  // namespace

std::vector<AttentionBlock> attention_blocks(Run& run, const Sequence& text) {
  const Model model = run.model();
  const std::vector<LayerParts>& layers = model.parts().layers;
  std::vector<AttentionBlock> blocks;
  blocks.reserve(layers.size());  // hooks keep references
  std::vector<HookHandle> handles;
  for (const LayerParts& parts : layers) {
    AttentionBlock& block = blocks.emplace_back(parameters_of(model, parts));
    handles.push_back(run.register_forward_pre_hook(model.module(parts.layer), [&block](HookEvent& event) {
      block.inputs = event.input(0).text(0).own();
    }));
    handles.push_back(run.register_forward_hook(model.module(parts.attn), [&block](HookEvent& event) {
      block.weights = event.output(0).text(0).own();
      block.values = event.input(2).text(0).own();
    }));
    handles.push_back(run.register_forward_hook(
        model.module(parts.attention_norm),
        [&block](HookEvent& event) { block.outputs = event.output(0).text(0).own(); }));
  }
  run(std::vector<Sequence>{text}, Request());
  return blocks;
}

}  // namespace attnscope::analysis
