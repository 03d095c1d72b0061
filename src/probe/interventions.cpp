// SPDX-License-Identifier: Apache-2.0
#include "attnscope/interventions.h"

#include <map>

#include "probe/edit_checks.h"
#include "probe/edit_hooks.h"

namespace attnscope {
namespace {

/// Edits sorted by where they are made.
struct EditPlaces {
  std::map<std::int64_t, std::vector<NumberedEdit>> contexts;  // by layer
  std::map<std::int64_t, std::vector<NumberedEdit>> weights;   // by layer
  std::map<std::string, std::vector<NumberedEdit>> patches;    // by path

  EditPlaces(const std::vector<Edit>& edits, const Model& model) {
    std::vector<Edit> placed;
    for (Edit edit : edits) {
      const std::size_t index = placed.size();
      check_fits_model(edit, index, model.info());
      // A module has two paths: with the task's prefix and without.
      if (edit.kind == EditKind::patch) edit.path = model.module(edit.path).path;
      check_conflicts(placed, edit);
      if (edit.kind == EditKind::patch)
        patches[edit.path].push_back({edit, index});
      else
        (edits_weights(edit.kind) ? weights : contexts)[edit.layer].push_back({edit, index});
      placed.push_back(std::move(edit));
    }
    for (const auto& [layer, here] : weights) check_leaf(layer, here, model);
  }

 private:
  // Patches of an attn leaf would write over what the layer's other edits change.
  void check_leaf(std::int64_t layer, const std::vector<NumberedEdit>& edits, const Model& model) const {
    const auto found = patches.find(model.parts().layers[static_cast<std::size_t>(layer)].attn);
    if (found == patches.end()) return;
    for (const NumberedEdit& patch : found->second)
      for (const NumberedEdit& other : edits)
        if (share_text(patch.edit, other.edit))
          refuse_conflict(described(other.edit, other.index), described(patch.edit, patch.index));
  }
};

}  // namespace

const char* name(EditKind kind) {
  switch (kind) {
    case EditKind::zero_heads:
      return "zero_heads";
    case EditKind::mean_heads:
      return "mean_heads";
    case EditKind::uniform_heads:
      return "uniform_heads";
    case EditKind::knock_out:
      return "knock_out";
    case EditKind::zero_weights:
      return "zero_weights";
    case EditKind::patch:
      return "patch";
  }
  return "";
}

void Interventions::add(Edit edit) {
  check_fields(edit, edits_.size());
  check_conflicts(edits_, edit);
  edits_.push_back(std::move(edit));
}

std::vector<HookHandle> Interventions::apply(Run& run) const {
  const Model model = run.model();
  const EditPlaces places(edits_, model);
  const std::vector<LayerParts>& layers = model.parts().layers;
  const auto parts = [&](std::int64_t layer) -> const LayerParts& {
    return layers[static_cast<std::size_t>(layer)];
  };
  std::vector<HookHandle> handles;
  for (const auto& [layer, edits] : places.weights)
    handles.push_back(run.register_forward_hook(
        model.module(parts(layer).attn), [here = edits](HookEvent& event) { edit_weights(event, here); }));
  for (const auto& [layer, edits] : places.contexts)
    handles.push_back(run.register_forward_pre_hook(
        model.module(parts(layer).output), [here = edits, heads = model.info().num_heads](HookEvent& event) {
          edit_contexts(event, here, heads);
        }));
  for (const auto& [path, edits] : places.patches)
    handles.push_back(run.register_forward_hook(
        model.module(path), [here = edits](HookEvent& event) { patch_outputs(event, here); }));
  return handles;
}

std::vector<Tensor> activations(Run& run, const Sequence& text, const std::vector<std::string>& paths) {
  const Model model = run.model();
  std::vector<Tensor> values(paths.size());
  std::vector<HookHandle> handles;
  for (std::size_t i = 0; i < paths.size(); ++i)
    handles.push_back(run.register_forward_hook(
        model.module(paths[i]),
        [&value = values[i]](HookEvent& event) { value = event.output(0).text(0).own(); }));
  run(std::vector<Sequence>{text}, Request());
  return values;
}

}  // namespace attnscope
