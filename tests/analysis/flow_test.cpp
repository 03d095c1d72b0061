// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <queue>
#include <stdexcept>
#include <thread>

#include "analysis/layer_matrices.h"
#include "analysis/max_flow.h"
#include "analysis/weights.h"
#include "attnscope/analysis.h"

namespace attnscope::analysis {
namespace {

/// Maximum flow by shortest augmenting paths on a matrix of capacities: slow and plain.
class PlainMaxFlow {
 public:
  explicit PlainMaxFlow(const LayeredGraph& graph)
      : graph_(graph), nodes_((graph.layers() + 1) * graph.n()) {}

  std::int64_t operator()(std::int64_t source, std::int64_t target) {
    std::vector<std::int64_t> residual(static_cast<std::size_t>(nodes_ * nodes_));
    const auto at = [&](std::int64_t from, std::int64_t to) -> std::int64_t& {
      return residual[static_cast<std::size_t>(from * nodes_ + to)];
    };
    const std::int64_t n = graph_.n();
    for (std::int64_t from = 0; from < graph_.layers() * n; ++from)
      for (std::int64_t to = 0; to < n; ++to)
        at(from, (from / n + 1) * n + to) = graph_.capacity(graph_.arc(from / n, from % n, to));

    const std::int64_t sink = graph_.layers() * n + target;
    std::int64_t total = 0;
    for (;;) {
      std::vector<std::int64_t> before(static_cast<std::size_t>(nodes_), -1);
      std::queue<std::int64_t> queue({source});
      before[static_cast<std::size_t>(source)] = source;
      for (; !queue.empty(); queue.pop())
        for (std::int64_t to = 0; to < nodes_; ++to)
          if (before[static_cast<std::size_t>(to)] < 0 && at(queue.front(), to) > 0) {
            before[static_cast<std::size_t>(to)] = queue.front();
            queue.push(to);
          }
      if (before[static_cast<std::size_t>(sink)] < 0) return total;
      const auto previous = [&](std::int64_t node) { return before[static_cast<std::size_t>(node)]; };
      std::int64_t amount = INT64_MAX;
      for (std::int64_t to = sink; to != source; to = previous(to))
        amount = std::min(amount, at(previous(to), to));
      for (std::int64_t to = sink; to != source; to = previous(to)) {
        at(previous(to), to) -= amount;
        at(to, previous(to)) += amount;
      }
      total += amount;
    }
  }

 private:
  const LayeredGraph& graph_;
  std::int64_t nodes_;
};

// Sharp weights, most of them 0, so that cuts lie inside of the graph and paths have to be taken back.
Tensor sparse_weights(const Shape& shape, unsigned seed) {
  Tensor weights = random_weights(shape, seed, 4.0);
  for (std::int64_t i = 0; i < weights.count(); ++i)
    if (weights.f32()[i] < 0.1F) weights.mutable_view().f32()[i] = 0.0F;
  return weights;
}

LayeredGraph graph_of(const Tensor& weights, bool add_identity) {
  Poll poll;
  LayerMatrices matrices = mean_over_heads(weights.view(), poll);
  if (add_identity) add_residual(matrices);
  return LayeredGraph(matrices);
}

TEST(MaxFlow, IsThatOfAPlainImplementation) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const auto layers = static_cast<std::int64_t>(seed % 5 + 1);
    const std::int64_t n = 5;
    const Tensor weights =
        seed % 2 == 0 ? sparse_weights({layers, n, n}, seed) : random_weights({layers, n, n}, seed);
    const LayeredGraph graph = graph_of(weights, seed % 3 == 0);
    MaxFlow solve(graph);
    PlainMaxFlow solve_plainly(graph);
    for (std::int64_t source = 0; source < n; ++source)
      for (std::int64_t target = 0; target < n; ++target)
        EXPECT_EQ(solve(source, target), solve_plainly(source, target)) << seed;
  }
}

TEST(MaxFlow, DoesNotDependOnWhatWasSolvedBefore) {
  const LayeredGraph graph = graph_of(sparse_weights({4, 6, 6}, 7), false);
  MaxFlow used(graph);
  for (int pair = 0; pair < 36; ++pair) static_cast<void>(used(pair / 6, pair % 6));
  for (int pair = 35; pair >= 0; --pair)
    EXPECT_EQ(used(pair / 6, pair % 6), MaxFlow(graph)(pair / 6, pair % 6));
}

TEST(MaxFlow, IsNoMoreThanLeavesTheSourceOrReachesTheTarget) {
  for (const bool add_identity : {true, false}) {
    const LayeredGraph graph = graph_of(random_weights({3, 20, 20}, 3), add_identity);
    MaxFlow solve(graph);
    for (std::int64_t source = 0; source < 20; ++source)
      for (std::int64_t target = 0; target < 20; ++target) {
        const std::int64_t flow = solve(source, target);
        EXPECT_LE(flow, std::min(graph.out_of_top(source), graph.into_bottom(target)));
        EXPECT_GT(flow, 0);
      }
  }
}

TEST(MaxFlow, TakesBackWhatStandsInTheWay) {
  // Token 0 reaches the target through 0 or 1, token 1 through 0 only: the first path found blocks the
  // second.
  const Tensor weights = Tensor::of({3, 2, 2}, std::vector<float>{1, 0, 1, 0,    // into the input
                                                                  1, 1, 1, 0,    // in the middle
                                                                  1, 1, 0, 0});  // out of the top
  const LayeredGraph graph = graph_of(weights, false);
  const double unit = static_cast<double>(graph.out_of_top(0)) / 2.0;
  EXPECT_NEAR(static_cast<double>(MaxFlow(graph)(0, 0)) / unit, 2.0, 1e-12);
}

TEST(Flow, OfOneLayerIsItsMatrix) {
  const Tensor weights = random_weights({1, 13, 13}, 1);
  EXPECT_LT(max_abs_difference(flow(weights.view(), false), weights.reshape({13, 13})), 1e-6F);
  EXPECT_LT(max_abs_difference(flow(weights.view()), rollout(weights.view()).reshape({13, 13})), 1e-6F);
}

TEST(Flow, OfTwoLayersIsTheSumOfWhatEachMiddleTokenLetsThrough) {
  const std::int64_t n = 12;
  const Tensor weights = random_weights({2, n, n}, 2);
  Tensor expected({n, n});
  for (std::int64_t source = 0; source < n; ++source)
    for (std::int64_t target = 0; target < n; ++target)
      for (std::int64_t middle = 0; middle < n; ++middle)
        expected.mutable_view().f32()[source * n + target] +=
            std::min(weights.at({1, source, middle}), weights.at({0, middle, target}));
  const std::vector<double> sums = row_sums(expected);
  for (std::int64_t i = 0; i < n * n; ++i)
    expected.mutable_view().f32()[i] /= static_cast<float>(sums[static_cast<std::size_t>(i / n)]);
  EXPECT_LT(max_abs_difference(flow(weights.view(), false), expected), 1e-6F);
}

TEST(Flow, HasRowsThatSumToOne) {
  const Tensor weights = random_weights({4, 3, 25, 25}, 3);
  const Tensor result = flow(weights.view());
  EXPECT_EQ(to_string(result.shape()), "[25, 25]");
  EXPECT_TRUE(rows_sum_to_one(result));
}

TEST(Flow, OfTokensThatLookAtThemselvesStaysThere) {
  const Tensor weights = identity_weights({3, 2, 7, 7});
  EXPECT_TRUE(same_bits(flow(weights.view()), identity_weights({7, 7})));
}

TEST(Flow, OfTokensThatNothingLeavesIsNothing) {
  const Tensor nothing({2, 3, 3});
  EXPECT_TRUE(all_near(flow(nothing.view(), false), 0.0, 0.0));
}

TEST(Flow, HasTheSameBitsOnAnyNumberOfThreads) {
  const Tensor weights = random_weights({4, 2, 30, 30}, 4);
  expect_same_on_all_thread_counts([&] { return flow(weights.view()); });
}

TEST(Flow, EndsWithWhatItsPollThrows) {
  const Tensor weights = random_weights({4, 2, 40, 40}, 5);
  const std::thread::id caller = std::this_thread::get_id();
  int calls = 0;
  const auto poll = [&] {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    if (++calls == 1) throw std::runtime_error("enough");
  };
  EXPECT_THROW(static_cast<void>(flow(weights.view(), true, poll)), std::runtime_error);
  EXPECT_EQ(calls, 1);
}

TEST(Flow, PollsNowAndThen) {
  const Tensor weights = random_weights({2, 2, 20, 20}, 6);
  int calls = 0;
  const Tensor polled = flow(weights.view(), true, [&] {
    ++calls;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  EXPECT_GE(calls, 1);
  EXPECT_LT(calls, 400);  // of 400 flows
  EXPECT_TRUE(same_bits(polled, flow(weights.view())));
}

}  // namespace
}  // namespace attnscope::analysis
