// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "attnscope/layer_report.h"
#include "core/message.h"
#include "probe/word_ids.h"

namespace attnscope {
namespace {

using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;

enum class Side { left, right };

std::int64_t of(const std::pair<std::int64_t, std::int64_t>& pair, Side side) {
  return side == Side::left ? pair.first : pair.second;
}

// Layers at equal shares of the depth, as many as the shallower side has.
Pairs matching_layers(std::int64_t left, std::int64_t right) {
  const std::int64_t count = std::min(left, right);
  Pairs layers;
  for (std::int64_t layer = 1; layer <= count; ++layer)
    layers.emplace_back((layer * left + count - 1) / count - 1, (layer * right + count - 1) / count - 1);
  return layers;
}

/// Weights of the chosen layers [layers, heads, m, m] between the aligned names of one side.
Tensor aligned(const TensorView& weights, const DifferenceReport& report, Side side) {
  const auto layers = static_cast<std::int64_t>(report.layers.size());
  const auto words = static_cast<std::int64_t>(report.pairs.size());
  Tensor result({layers, weights.size(1), words, words});
  float* next = result.mutable_view().f32();
  for (const auto& layer : report.layers)
    for (std::int64_t head = 0; head < weights.size(1); ++head) {
      const TensorView map = weights.select(0, of(layer, side)).select(0, head);
      for (const auto& from : report.pairs)
        for (const auto& to : report.pairs) *next++ = map.at({of(from, side), of(to, side)});
    }
  return result;
}

// [layers, heads, m, m] -> [layers, 1, m, m]
Tensor mean_head(const TensorView& weights) {
  const Tensor mean = head_mean(weights);
  return mean.reshape({mean.size(0), 1, mean.size(1), mean.size(2)});
}

Tensor mean_differences(const Tensor& left, const Tensor& right) {
  Tensor means({left.size(0), left.size(1)});
  const std::int64_t count = left.size(2) * left.size(3);
  for (std::int64_t map = 0; map < means.count(); ++map) {
    double sum = 0.0;
    for (std::int64_t i = map * count; i < (map + 1) * count; ++i)
      sum += std::abs(static_cast<double>(right.f32()[i]) - static_cast<double>(left.f32()[i]));
    means.mutable_view().f32()[map] = static_cast<float>(sum / static_cast<double>(count));
  }
  return means;
}

AttentionChange change_at(const DifferenceReport& report, std::int64_t index) {
  const auto words = static_cast<std::int64_t>(report.pairs.size());
  const std::int64_t map = index / (words * words);
  const auto& layer = report.layers[static_cast<std::size_t>(map / report.left.size(1))];
  AttentionChange change{layer.first, layer.second, std::nullopt, index / words % words, index % words};
  if (report.by_head) change.head = map % report.left.size(1);
  change.left = static_cast<double>(report.left.f32()[index]);
  change.right = static_cast<double>(report.right.f32()[index]);
  return change;
}

std::vector<AttentionChange> strongest_changes(const DifferenceReport& report, std::int64_t wanted) {
  std::vector<std::int64_t> places(static_cast<std::size_t>(report.left.count()));
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int64_t>(i);
  const auto size = [&](std::int64_t i) { return std::abs(report.right.f32()[i] - report.left.f32()[i]); };
  const auto end = places.begin() + std::min(wanted, report.left.count());
  std::partial_sort(places.begin(), end, places.end(), [&](std::int64_t a, std::int64_t b) {
    return size(a) > size(b) || (size(a) == size(b) && a < b);
  });
  std::vector<AttentionChange> changes;
  for (auto place = places.begin(); place != end; ++place) changes.push_back(change_at(report, *place));
  return changes;
}

/// The rest of a report, of which names, pairs, layers and by_head are there.
DifferenceReport compared(DifferenceReport report, const TensorView& left, const TensorView& right,
                          const DifferenceOptions& options) {
  report.left = aligned(left, report, Side::left);
  report.right = aligned(right, report, Side::right);
  if (!report.by_head) {
    report.left = mean_head(report.left.view());
    report.right = mean_head(report.right.view());
  }
  report.mean_difference = mean_differences(report.left, report.right);
  report.strongest = strongest_changes(report, std::max<std::int64_t>(0, options.strongest));
  return report;
}

std::string name_of_word(const std::string& text, const Encoding& encoding,
                         const std::pair<std::int64_t, std::int64_t>& range) {
  const auto first = static_cast<std::size_t>(range.first);
  if (!encoding.word_ids[first]) return encoding.tokens[first];
  const std::int64_t begin = encoding.offsets[first].begin;
  const std::int64_t end = encoding.offsets[static_cast<std::size_t>(range.second) - 1].end;
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

void check_layer(std::int64_t layer, std::int64_t count) {
  if (layer >= 0 && layer < count) return;
  throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "layers")
                            .found("{} does not exist", layer)
                            .hint("choose from 0..{}", count - 1));
}

}  // namespace

NamedAttention attention_of_words(const std::string& text, const Encoding& encoding,
                                  const TensorView& weights) {
  const std::vector<std::int64_t> ids = flat_word_ids(encoding);
  NamedAttention attention;
  for (const auto& range : analysis::word_ranges(ids))
    attention.names.push_back(name_of_word(text, encoding, range));
  attention.weights = analysis::word_attention(weights, ids);
  return attention;
}

NamedAttention attention_of_tokens(const Encoding& encoding, const TensorView& weights) {
  return {encoding.tokens, weights.own()};
}

DifferenceReport difference(const NamedAttention& left, const NamedAttention& right,
                            const DifferenceOptions& options) {
  DifferenceReport report;
  report.left_names = left.names;
  report.right_names = right.names;
  report.pairs = analysis::align_words(left.names, right.names);
  if (report.pairs.empty())
    throw InvalidArgument(problem(ErrorKind::usage, "ALIGN", "difference")
                              .found("the two texts share no word")
                              .hint("compare texts that differ in a few words"));
  report.layers = matching_layers(left.weights.size(0), right.weights.size(0));
  report.by_head =
      left.weights.size(0) == right.weights.size(0) && left.weights.size(1) == right.weights.size(1);
  return compared(std::move(report), left.weights.view(), right.weights.view(), options);
}

DifferenceReport layer_difference(const NamedAttention& attention, std::int64_t left_layer,
                                  std::int64_t right_layer, const DifferenceOptions& options) {
  for (const std::int64_t layer : {left_layer, right_layer}) check_layer(layer, attention.weights.size(0));
  DifferenceReport report;
  report.left_names = attention.names;
  report.right_names = attention.names;
  for (std::size_t i = 0; i < attention.names.size(); ++i)
    report.pairs.emplace_back(static_cast<std::int64_t>(i), static_cast<std::int64_t>(i));
  report.layers = {{left_layer, right_layer}};
  report.by_head = false;
  return compared(std::move(report), attention.weights.view(), attention.weights.view(), options);
}

}  // namespace attnscope
