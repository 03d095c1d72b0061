// SPDX-License-Identifier: Apache-2.0
#include "analysis/max_flow.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace attnscope::analysis {
namespace {

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();

double largest_row_sum(const LayerMatrices& matrices) {
  double largest = 0.0;
  for (std::int64_t row = 0; row < matrices.layers * matrices.n; ++row)
    largest =
        std::max(largest, std::accumulate(matrices.row(0, row), matrices.row(0, row) + matrices.n, 0.0));
  return largest;
}

}  // namespace

LayeredGraph::LayeredGraph(const LayerMatrices& matrices) : layers_(matrices.layers), n_(matrices.n) {
  const double largest = largest_row_sum(matrices);
  const double scale = largest > 0.0 ? std::ldexp(1.0, 44) / largest : 0.0;
  capacities_.reserve(matrices.values.size());
  for (std::int64_t layer = layers_ - 1; layer >= 0; --layer)
    std::transform(matrices.row(layer, 0), matrices.row(layer, 0) + n_ * n_, std::back_inserter(capacities_),
                   [scale](double value) { return std::llround(value * scale); });
}

std::int64_t LayeredGraph::out_of_top(std::int64_t node) const {
  std::int64_t sum = 0;
  for (std::int64_t to = 0; to < n_; ++to) sum += capacity(arc(0, node, to));
  return sum;
}

std::int64_t LayeredGraph::into_bottom(std::int64_t node) const {
  std::int64_t sum = 0;
  for (std::int64_t from = 0; from < n_; ++from) sum += capacity(arc(layers_ - 1, from, node));
  return sum;
}

MaxFlow::MaxFlow(const LayeredGraph& graph) : graph_(graph), flow_(graph.num_arcs()) {
  const auto nodes = static_cast<std::size_t>((graph.layers() + 1) * graph.n());
  distance_.resize(nodes);
  next_way_.resize(nodes);
  reached_.reserve(nodes);
  unreached_.resize(static_cast<std::size_t>(graph.layers() + 1));
  for (auto& unreached : unreached_) unreached.reserve(static_cast<std::size_t>(graph.n()));
}

std::int64_t MaxFlow::operator()(std::int64_t source, std::int64_t target) {
  source_ = {0, source};
  target_ = {graph_.layers(), target};
  // Where all of one end's capacity is used, nothing is left to look for.
  const bool one_layer = graph_.layers() == 1;
  const std::int64_t bound = one_layer ? graph_.capacity(graph_.arc(0, source, target))
                                       : std::min(graph_.out_of_top(source), graph_.into_bottom(target));
  std::int64_t total = 0;
  while (total < bound && find_distances()) total += push(source_, bound - total);
  clear();
  return total;
}

std::int64_t MaxFlow::ways_down(Node node) const {
  return node.depth == graph_.layers() - 1 ? 1 : graph_.n();
}

// Flow that would be taken back to the source is of no use: there are ways up from depth 2 on only.
std::int64_t MaxFlow::ways(Node node) const { return ways_down(node) + (node.depth >= 2 ? graph_.n() : 0); }

MaxFlow::Way MaxFlow::way(Node node, std::int64_t index) const {
  const std::int64_t down = ways_down(node);
  const bool takes_back = index >= down;
  if (down == 1 && !takes_back) return {target_, graph_.arc(node.depth, node.index, target_.index), false};
  // The node's own token first: its residual connection has the widest arc.
  std::int64_t other = node.index + (takes_back ? index - down : index);
  if (other >= graph_.n()) other -= graph_.n();
  if (takes_back) return {{node.depth - 1, other}, graph_.arc(node.depth - 1, other, node.index), true};
  return {{node.depth + 1, other}, graph_.arc(node.depth, node.index, other), false};
}

std::int64_t MaxFlow::residual(const Way& way) const {
  return way.takes_back ? flow_[way.arc] : graph_.capacity(way.arc) - flow_[way.arc];
}

// Breadth first, until the target is reached. Nodes that were reached are not looked at again, so that a
// level in which most arcs are open costs as much as it has nodes.
bool MaxFlow::find_distances() {
  std::fill(distance_.begin(), distance_.end(), kFar);
  std::fill(next_way_.begin(), next_way_.end(), 0);
  for (std::int64_t depth = 1; depth < graph_.layers(); ++depth) {
    auto& unreached = unreached_[static_cast<std::size_t>(depth)];
    unreached.resize(static_cast<std::size_t>(graph_.n()));
    std::iota(unreached.begin(), unreached.end(), 0);
  }
  unreached_.back().assign(1, target_.index);

  distance_[number(source_)] = 0;
  reached_.assign(1, source_);
  for (std::size_t i = 0; i < reached_.size(); ++i) {
    const Node node = reached_[i];
    if (is_target(node)) return true;
    reach(node, node.depth + 1);
    if (node.depth >= 2) reach(node, node.depth - 1);
  }
  return false;
}

// Reaches what it can of a neighbouring depth.
void MaxFlow::reach(Node from, std::int64_t depth) {
  const bool takes_back = depth < from.depth;
  auto& unreached = unreached_[static_cast<std::size_t>(depth)];
  const auto is_reached = [&](std::int64_t index) {
    const std::size_t arc =
        takes_back ? graph_.arc(depth, index, from.index) : graph_.arc(from.depth, from.index, index);
    if (residual({{depth, index}, arc, takes_back}) == 0) return false;
    distance_[number({depth, index})] = distance_[number(from)] + 1;
    reached_.push_back({depth, index});
    return true;
  };
  std::erase_if(unreached, is_reached);
}

// Sends up to `limit` from a node to the target along shortest paths; returns how much arrived.
std::int64_t MaxFlow::push(Node node, std::int64_t limit) {
  if (is_target(node)) return limit;
  std::int64_t sent = 0;
  const std::int64_t next_distance = distance_[number(node)] + 1;
  for (std::int64_t& index = next_way_[number(node)]; index < ways(node); ++index) {
    const Way next = way(node, index);
    if (distance_[number(next.to)] != next_distance) continue;
    const std::int64_t room = std::min(limit - sent, residual(next));
    const std::int64_t arrived = room > 0 ? push(next.to, room) : 0;
    move(next, arrived);
    sent += arrived;
    if (sent == limit) break;
  }
  return sent;
}

void MaxFlow::move(const Way& way, std::int64_t amount) {
  if (amount == 0) return;
  if (flow_[way.arc] == 0) used_.push_back(way.arc);
  flow_[way.arc] += way.takes_back ? -amount : amount;
}

void MaxFlow::clear() {
  for (const std::size_t arc : used_) flow_[arc] = 0;
  used_.clear();
}

}  // namespace attnscope::analysis
