// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>

#include "analysis/layer_matrices.h"
#include "analysis/max_flow.h"
#include "analysis/rows.h"
#include "attnscope/analysis.h"
#include "core/poll.h"

namespace attnscope::analysis {
namespace {

// Flows in the graph's units: [n, n], row = token of the top layer.
std::vector<double> all_flows(const LayeredGraph& graph, Poll& poll) {
  const std::int64_t n = graph.n();
  std::vector<double> flows(static_cast<std::size_t>(n * n));
  const auto threads = static_cast<int>(std::min<std::int64_t>(omp_get_max_threads(), n));
  std::vector<MaxFlow> solvers;
  for (int thread = 0; thread < threads; ++thread) solvers.emplace_back(graph);
  poll.check();  // the calling thread may get no flow at all
  ParallelPoll parallel_poll(poll);
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (std::int64_t source = 0; source < n; ++source) {
    MaxFlow& solve = solvers[static_cast<std::size_t>(omp_get_thread_num())];
    for (std::int64_t target = 0; target < n && parallel_poll.go_on(); ++target)
      flows[static_cast<std::size_t>(source * n + target)] = static_cast<double>(solve(source, target));
  }
  parallel_poll.rethrow();
  return flows;
}

}  // namespace

Tensor flow(const TensorView& weights, bool add_identity, const std::function<void()>& poll_function) {
  Poll poll(poll_function);
  LayerMatrices matrices = mean_over_heads(weights, poll);
  if (add_identity) add_residual(matrices);
  std::vector<double> flows = all_flows(LayeredGraph(matrices), poll);
  const std::int64_t n = matrices.n;
  for (std::int64_t source = 0; source < n; ++source) divide_by_sum(flows.data() + source * n, n);
  Tensor result({n, n});
  put_floats(flows.data(), result.count(), result.mutable_view().f32());
  return result;
}

}  // namespace attnscope::analysis
