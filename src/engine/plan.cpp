// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "core/message.h"
#include "engine/request.h"

namespace attnscope {
namespace {

std::vector<std::int64_t> chosen(const std::optional<std::vector<std::int64_t>>& choice, std::int64_t count,
                                 const char* field) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(count));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  if (!choice.has_value()) return all;
  std::vector<bool> seen(all.size(), false);
  for (const std::int64_t index : *choice) {
    const bool exists = index >= 0 && index < count;
    if (!exists || seen[static_cast<std::size_t>(index)])
      throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "request")
                                .field(field)
                                .found("{} {}", index, exists ? "is named twice" : "does not exist")
                                .hint("choose from 0..{}", count - 1));
    seen[static_cast<std::size_t>(index)] = true;
  }
  return *choice;
}

// Layers that hooks need whole; INT64_MAX if one needs the whole model.
std::int64_t layers_for_hooks(const ModuleIndex& modules, const nn::HookTable& hooks) {
  std::int64_t layers = 0;
  if (hooks.empty()) return layers;
  for (std::size_t id = 0; id < modules.size(); ++id) {
    if (!hooks.any(id)) continue;
    const std::int64_t reach = modules.reach(id);
    layers = std::max(layers, reach == ModuleIndex::kEverything ? reach : reach + 1);
  }
  return layers;
}

}  // namespace

CheckedRequest check_request(const Request& request, std::int64_t num_layers, std::int64_t num_heads) {
  CheckedRequest checked{request, {}, {}};
  if (!request.weights) return checked;
  checked.layers = chosen(request.layers, num_layers, "layers");
  checked.heads = chosen(request.heads, num_heads, "heads");
  if (request.reduce != Reduce::none && checked.heads.empty())
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "request")
                              .field("heads")
                              .found("no heads to reduce")
                              .hint("choose some"));
  return checked;
}

nn::Plan make_plan(const CheckedRequest& checked, std::int64_t num_layers, const ModuleIndex& modules,
                   const nn::HookTable& hooks) {
  const Request& request = checked.request;
  const std::int64_t for_hooks = layers_for_hooks(modules, hooks);
  const bool head = request.logits || request.pooler_output || for_hooks == ModuleIndex::kEverything;
  if (head || request.hidden_states || request.last_hidden_state) return {num_layers, false, head};

  const auto& layers = checked.layers;
  const std::int64_t for_weights = layers.empty() ? 0 : *std::max_element(layers.begin(), layers.end()) + 1;
  return {std::max(for_weights, for_hooks), for_weights > for_hooks, false};
}

Request Request::attentions() {
  Request request;
  request.weights = true;
  return request;
}

Request Request::outputs() {
  Request request;
  request.last_hidden_state = true;
  request.pooler_output = true;
  request.logits = true;
  return request;
}

}  // namespace attnscope
