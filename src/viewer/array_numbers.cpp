// SPDX-License-Identifier: Apache-2.0
#include "viewer/array_numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "attnscope/analysis.h"

namespace attnscope {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool is_punctuation(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char character) {
    constexpr std::string_view kMarks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    return kMarks.find(character) != std::string_view::npos;
  });
}

template <class Test>
analysis::TokenSet tokens_that(const Encoding& encoding, const Test& test) {
  analysis::TokenSet set;
  for (const std::string& token : encoding.tokens) set.push_back(test(token));
  return set;
}

/// Weights that fall on a token, by head: mean over the queries.
double first_received(const TensorView& weights) {
  double sum = 0.0;
  for (std::int64_t row = 0; row < weights.size(0); ++row) sum += static_cast<double>(weights.at({row, 0}));
  return sum / static_cast<double>(weights.size(0));
}

/// Means [layers, heads] of each number.
struct HeadNumbers {
  Tensor entropy, distance, confidence, self, previous, next, cls, sep, punctuation, same_word;
};

HeadNumbers numbers_of(const TensorView& weights, const Encoding& encoding) {
  const auto on = [&](const auto& test) { return analysis::mass_on(weights, tokens_that(encoding, test)); };
  return {analysis::entropy(weights),
          analysis::distance(weights),
          analysis::confidence(weights),
          analysis::mass_at_offset(weights, 0),
          analysis::mass_at_offset(weights, -1),
          analysis::mass_at_offset(weights, 1),
          on([](const std::string& token) { return token == "[CLS]" || token == "<s>"; }),
          on([](const std::string& token) { return token == "[SEP]" || token == "</s>"; }),
          on(is_punctuation),
          analysis::mass_on_same_word(weights, word_ids_of(encoding))};
}

analysis::HeadStatistics statistics_of(const HeadNumbers& numbers, std::int64_t head) {
  const auto at = [&](const Tensor& number) { return static_cast<double>(number.f32()[head]); };
  return {at(numbers.entropy),     at(numbers.distance), at(numbers.confidence), at(numbers.self),
          at(numbers.previous),    at(numbers.next),     at(numbers.cls),        at(numbers.sep),
          at(numbers.punctuation), at(numbers.same_word)};
}

double share_of_largest(double entropy, std::int64_t tokens) {
  return tokens > 1 ? entropy / std::log(static_cast<double>(tokens)) : 0.0;
}

/// Mean Jensen-Shannon divergence of two heads of a layer, over the pairs and the queries.
double head_divergence(const TensorView& weights) {
  const std::int64_t heads = weights.size(0);
  if (heads < 2) return kNone;
  analysis::HeadDistances distances(1, heads);
  distances.add(weights.reshape(weights.shape().with_front(1)));
  const Tensor matrix = distances.matrix();  // both triangles, 0 on the diagonal
  const double sum = std::accumulate(matrix.f32(), matrix.f32() + matrix.count(), 0.0);
  return sum / static_cast<double>(heads * (heads - 1) * weights.size(1));
}

template <class Number>
double mean_over_heads(const HeadReport& report, std::int64_t layer, const Number& number) {
  double sum = 0.0;
  for (const HeadSummary& head : report.heads)
    if (head.layer == layer) sum += number(head);
  return sum / static_cast<double>(report.num_heads);
}

}  // namespace

std::vector<std::int64_t> word_ids_of(const Encoding& encoding) {
  std::vector<std::int64_t> ids;
  for (const auto& id : encoding.word_ids) ids.push_back(id.value_or(-1));
  return ids;
}

HeadReport head_report_of(const TensorView& weights, const Encoding& encoding) {
  HeadReport report;
  report.num_layers = weights.size(0);
  report.num_heads = weights.size(1);
  report.num_texts = 1;
  report.num_rows = weights.size(2);
  report.has_same_word = true;
  const HeadNumbers numbers = numbers_of(weights, encoding);
  for (std::int64_t head = 0; head < report.num_layers * report.num_heads; ++head) {
    HeadSummary summary{head / report.num_heads, head % report.num_heads, {}, statistics_of(numbers, head)};
    summary.relative_entropy = share_of_largest(summary.means.entropy, report.num_rows);
    summary.first_received = first_received(weights.select(0, summary.layer).select(0, summary.head));
    summary.pattern = analysis::pattern(summary.means);
    report.heads.push_back(summary);
  }
  if (!has_head_map(static_cast<std::int64_t>(report.heads.size()), report.num_rows)) return report;
  analysis::HeadDistances distances(report.num_layers, report.num_heads);
  distances.add(weights);
  report.distances = distances.matrix();
  report.map = analysis::scale_to_plane(report.distances.view());
  return report;
}

std::vector<LayerSummary> layer_summaries_of(const TensorView& weights, const HeadReport& heads) {
  std::vector<LayerSummary> layers;
  const Tensor means = head_mean(weights);
  for (std::int64_t layer = 0; layer < weights.size(0); ++layer) {
    const auto mean = [&](const auto& number) { return mean_over_heads(heads, layer, number); };
    LayerSummary summary;
    summary.layer = layer;
    summary.entropy = mean([](const HeadSummary& head) { return head.means.entropy; });
    summary.relative_entropy = share_of_largest(summary.entropy, weights.size(2));
    summary.distance = mean([](const HeadSummary& head) { return head.means.distance; });
    summary.cls = mean([](const HeadSummary& head) { return head.means.cls; });
    summary.sep = mean([](const HeadSummary& head) { return head.means.sep; });
    summary.head_divergence = head_divergence(weights.select(0, layer));
    summary.previous_divergence =
        layer == 0 ? kNone
                   : static_cast<double>(analysis::divergence(means.view().select(0, layer),
                                                              means.view().select(0, layer - 1))
                                             .f32()[0]);
    summary.state_cosine = summary.token_cosine = kNone;
    layers.push_back(summary);
  }
  return layers;
}

}  // namespace attnscope
