// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/layer_matrices.h"

namespace attnscope::analysis {

/// Capacities between the levels of a graph with n nodes a level, from depth 0 (the tokens of the top layer)
/// to depth `layers` (the input). They are whole numbers, so that a flow has one exact value, in whatever
/// order its paths are found.
class LayeredGraph {
 public:
  /// Capacities in units of 2^-44 of the largest row sum.
  explicit LayeredGraph(const LayerMatrices& matrices);

  [[nodiscard]] std::int64_t layers() const { return layers_; }
  [[nodiscard]] std::int64_t n() const { return n_; }
  /// Number of the arc from a node of a depth to a node of the next.
  [[nodiscard]] std::size_t arc(std::int64_t depth, std::int64_t from, std::int64_t to) const {
    return static_cast<std::size_t>((depth * n_ + from) * n_ + to);
  }
  [[nodiscard]] std::size_t num_arcs() const { return capacities_.size(); }
  [[nodiscard]] std::int64_t capacity(std::size_t arc) const { return capacities_[arc]; }
  [[nodiscard]] std::int64_t out_of_top(std::int64_t node) const;
  [[nodiscard]] std::int64_t into_bottom(std::int64_t node) const;

 private:
  std::int64_t layers_;
  std::int64_t n_;
  std::vector<std::int64_t> capacities_;
};

/// Maximum flows of one graph, one after another, in memory that is used again.
/// Source:  Dinic 1970.
class MaxFlow {
 public:
  explicit MaxFlow(const LayeredGraph& graph);

  /// From a node of the top to a node of the bottom, in the graph's units.
  [[nodiscard]] std::int64_t operator()(std::int64_t source, std::int64_t target);

 private:
  struct Node {
    std::int64_t depth;
    std::int64_t index;
  };
  /// A step from one node to another that the residual graph may have.
  struct Way {
    Node to;
    std::size_t arc;
    bool takes_back;  ///< flow that came down the arc
  };

  [[nodiscard]] std::size_t number(Node node) const {
    return static_cast<std::size_t>(node.depth * graph_.n() + node.index);
  }
  [[nodiscard]] bool is_target(Node node) const { return node.depth == graph_.layers(); }
  [[nodiscard]] std::int64_t ways_down(Node node) const;
  [[nodiscard]] std::int64_t ways(Node node) const;
  [[nodiscard]] Way way(Node node, std::int64_t index) const;
  [[nodiscard]] std::int64_t residual(const Way& way) const;

  [[nodiscard]] bool find_distances();
  void reach(Node from, std::int64_t depth);
  [[nodiscard]] std::int64_t push(Node node, std::int64_t limit);
  void move(const Way& way, std::int64_t amount);
  void clear();

  const LayeredGraph& graph_;
  Node source_{};
  Node target_{};
  std::vector<std::int64_t> flow_;      // of each arc
  std::vector<std::size_t> used_;       // arcs that have or had a flow
  std::vector<std::int64_t> distance_;  // of each node from the source in the residual graph, or kFar
  std::vector<std::int64_t> next_way_;  // of each node, the first that is not exhausted
  std::vector<std::vector<std::int64_t>> unreached_;  // nodes of each depth
  std::vector<Node> reached_;
};

}  // namespace attnscope::analysis
