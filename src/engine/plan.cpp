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

bool wants_attention(const Request& request) {
  return request.weights || !request.statistics.empty() || request.received || request.top_keys > 0 ||
         request.on_demand;
}

[[noreturn]] void refuse(const char* code, const char* field, const std::string& what, const char* hint) {
  throw InvalidArgument(
      problem(ErrorKind::usage, code, "request").field(field).found("{}", what).hint("{}", hint));
}

void check_choices(const Request& request) {
  if (request.top_keys < 0)
    refuse("RANGE", "top_keys", fmt::format("{}", request.top_keys), "give 0 or more");
  if (request.on_demand && request.rows.has_value())
    refuse("REQUEST", "on_demand", "together with rows", "choose rows when the weights are made");
  for (auto i = request.statistics.begin(); i != request.statistics.end(); ++i)
    if (std::find(request.statistics.begin(), i, *i) != i)
      refuse("RANGE", "statistics", fmt::format("{} is named twice", name(*i)), "name each once");
}

void check_from_layer(const Request& request, std::int64_t num_layers) {
  if (!request.from_layer.has_value()) return;
  if (*request.from_layer < 0 || *request.from_layer >= num_layers)
    refuse("RANGE", "from_layer", fmt::format("{} does not exist", *request.from_layer),
           fmt::format("choose from 0..{}", num_layers - 1).c_str());
  if (request.hidden_states)
    refuse("REQUEST", "from_layer", "together with hidden_states", "keep the states of layers by hooks");
}

// Of layers that were not chosen one by one, those before from_layer are left out.
void keep_layers_that_run(CheckedRequest& checked) {
  const std::int64_t first = checked.request.from_layer.value_or(0);
  const auto runs = [first](std::int64_t layer) { return layer >= first; };
  if (!checked.request.layers.has_value())
    checked.layers.erase(checked.layers.begin(),
                         std::find_if(checked.layers.begin(), checked.layers.end(), runs));
  for (const std::int64_t layer : checked.layers)
    if (!runs(layer))
      refuse("RANGE", "layers", fmt::format("{} does not run", layer),
             fmt::format("the run starts at layer {}", first).c_str());
}

}  // namespace

bool needs_token_groups(const Request& request) {
  return std::any_of(request.statistics.begin(), request.statistics.end(), [](Statistic statistic) {
    return statistic == Statistic::cls || statistic == Statistic::sep || statistic == Statistic::punctuation;
  });
}

nn::QueryRows rows_of(const std::vector<std::int64_t>& rows, const nn::Batch& batch) {
  nn::QueryRows result;
  result.row_of_token.assign(static_cast<std::size_t>(batch.num_tokens()), -1);
  for (std::int64_t text = 0; text < batch.num_texts(); ++text) {
    const std::int64_t n = batch.seq_len(text);
    for (const std::int64_t row : rows) {
      if (row < -n || row >= n)
        refuse("RANGE", "rows", fmt::format("{} does not exist in text {}", row, text),
               fmt::format("it has {} tokens: choose from 0..{}, or from -1 backwards", n, n - 1).c_str());
      const std::int64_t position = row < 0 ? row + n : row;
      const std::int64_t token = batch.first(text) + position;
      std::int64_t& row_of_token = result.row_of_token[static_cast<std::size_t>(token)];
      if (row_of_token >= 0)
        refuse("RANGE", "rows", fmt::format("{} is named twice in text {}", position, text),
               "name each once");
      row_of_token = static_cast<std::int64_t>(result.tokens.size()) - result.offsets.back();
      result.positions.push_back(position);
      result.tokens.push_back(token);
    }
    result.offsets.push_back(static_cast<std::int64_t>(result.tokens.size()));
  }
  return result;
}

CheckedRequest check_request(const Request& request, std::int64_t num_layers, std::int64_t num_heads) {
  CheckedRequest checked{request, {}, {}};
  check_choices(request);
  check_from_layer(request, num_layers);
  if (!wants_attention(request)) return checked;
  checked.layers = chosen(request.layers, num_layers, "layers");
  keep_layers_that_run(checked);
  checked.heads = chosen(request.heads, num_heads, "heads");
  if (request.reduce != Reduce::none && checked.heads.empty())
    throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "request")
                              .field("heads")
                              .found("no heads to reduce")
                              .hint("choose some"));
  return checked;
}

nn::Plan make_plan(const CheckedRequest& checked, const Network& network, const ModuleIndex& modules,
                   const nn::HookTable& hooks) {
  const Request& request = checked.request;
  const std::int64_t num_layers = network.num_layers;
  const std::int64_t for_hooks = layers_for_hooks(modules, hooks);
  nn::Plan plan;
  plan.first_layer = request.from_layer;
  plan.heads = checked.heads;
  plan.sums_keys = request.received;
  plan.combines_heads = checked.combines_heads();
  plan.after_encoder = request.logits || request.pooler_output || for_hooks == ModuleIndex::kEverything;
  plan.num_layers = num_layers;
  const bool wants_last_layer = std::count(checked.layers.begin(), checked.layers.end(), num_layers - 1) > 0;
  plan.last_is_pooled = plan.after_encoder && network.parts.head_is_pooled && !wants_last_layer &&
                        !request.hidden_states && !request.last_hidden_state && for_hooks < num_layers;
  if (plan.after_encoder || request.hidden_states || request.last_hidden_state) return plan;

  const auto& layers = checked.layers;
  const std::int64_t for_weights = layers.empty() ? 0 : *std::max_element(layers.begin(), layers.end()) + 1;
  plan.num_layers = std::max(for_weights, for_hooks);
  plan.last_is_weights_only = for_weights > for_hooks;
  return plan;
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
