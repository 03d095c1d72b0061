// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "attnscope/model.h"
#include "engine/module_index.h"
#include "families/family.h"
#include "nn/batch.h"
#include "nn/hook_table.h"
#include "nn/plan.h"

namespace attnscope {

/// A request with its choices spelled out and checked against the model.
struct CheckedRequest {
  Request request;
  std::vector<std::int64_t> layers;  ///< none unless weights are wanted, or what is made of them
  std::vector<std::int64_t> heads;

  /// Whether the weights of the heads come out as one.
  [[nodiscard]] bool combines_heads() const { return request.weights && request.reduce != Reduce::none; }
};

/// Throws:  InvalidArgument: RANGE for a layer or head that does not exist or is named twice, REQUEST for
///          choices that exclude each other.
[[nodiscard]] CheckedRequest check_request(const Request& request, std::int64_t num_layers,
                                           std::int64_t num_heads);

/// The rows of a request in each text.
/// Throws:  InvalidArgument (RANGE) for a row that a text does not have or that is named twice.
[[nodiscard]] nn::QueryRows rows_of(const std::vector<std::int64_t>& rows, const nn::Batch& batch);

/// Whether a statistic needs to know which tokens are special or punctuation.
[[nodiscard]] bool needs_token_groups(const Request& request);

/// The least that serves the request and every hook.
[[nodiscard]] nn::Plan make_plan(const CheckedRequest& checked, const Network& network,
                                 const ModuleIndex& modules, const nn::HookTable& hooks);

}  // namespace attnscope
