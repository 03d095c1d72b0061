// SPDX-License-Identifier: Apache-2.0
#include "attnscope/layer_report.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/message.h"
#include "core/poll.h"

namespace attnscope {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Request everything_of_layers() {
  Request request = Request::attentions();
  request.statistics = {Statistic::entropy, Statistic::distance, Statistic::cls, Statistic::sep};
  request.hidden_states = true;
  return request;
}

double mean_of(const TensorView& contiguous) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < contiguous.count(); ++i) sum += static_cast<double>(contiguous.f32()[i]);
  return sum / static_cast<double>(contiguous.count());
}

// Mean over the pairs of different heads, and over the queries. Weights [heads, n, n].
double head_divergence(const TensorView& weights, const std::function<void()>& poll) {
  const std::int64_t heads = weights.size(0);
  if (heads < 2) return kNone;
  analysis::HeadDistances distances(1, heads);
  distances.add(weights.reshape(weights.shape().with_front(1)), poll);
  const Tensor matrix = distances.matrix();  // both triangles, 0 on the diagonal
  const auto pairs = static_cast<double>(heads * (heads - 1));
  return mean_of(matrix.view()) * static_cast<double>(heads * heads) / pairs /
         static_cast<double>(weights.size(1));
}

// Of each layer but the first. Weights [layers, heads, n, n].
std::vector<double> previous_divergences(const TensorView& weights, Poll& poll) {
  std::vector<double> found{kNone};
  const Tensor means = head_mean(weights);
  for (std::int64_t layer = 1; layer < weights.size(0); ++layer) {
    poll.check();
    const Tensor divergence =
        analysis::divergence(means.view().select(0, layer), means.view().select(0, layer - 1));
    found.push_back(static_cast<double>(divergence.f32()[0]));
  }
  return found;
}

// Mean of some rows of a matrix [n, n], into [n].
void write_mean_row(const TensorView& matrix, const std::vector<std::int64_t>& rows, float* result) {
  for (std::int64_t column = 0; column < matrix.size(1); ++column) {
    double sum = 0.0;
    for (const std::int64_t row : rows) sum += static_cast<double>(matrix.at({row, column}));
    result[column] = static_cast<float>(sum / static_cast<double>(rows.size()));
  }
}

Tensor rollout_rows(const TensorView& weights, const LayerReportOptions& options) {
  const Tensor all = analysis::rollout(weights, options.poll);  // [layers, n, n]
  Tensor rows({all.size(0), all.size(2)});
  for (std::int64_t layer = 0; layer < all.size(0); ++layer)
    write_mean_row(all.view().select(0, layer), options.tokens, rows.mutable_view().select(0, layer).f32());
  return rows;
}

Tensor flow_rows(const TensorView& weights, const LayerReportOptions& options) {
  Tensor rows({weights.size(0), weights.size(3)});
  for (std::int64_t layer = 0; layer < weights.size(0); ++layer) {
    const Tensor flow = analysis::flow(weights.narrow(0, 0, layer + 1), true, options.poll);  // [n, n]
    write_mean_row(flow.view(), options.tokens, rows.mutable_view().select(0, layer).f32());
  }
  return rows;
}

void check_tokens(const std::vector<std::int64_t>& tokens, std::size_t count) {
  for (const std::int64_t token : tokens)
    if (token < 0 || token >= static_cast<std::int64_t>(count))
      throw InvalidArgument(problem(ErrorKind::usage, "RANGE", "tokens")
                                .found("{} does not exist: the text has {} tokens", token, count)
                                .hint("choose from 0..{}", static_cast<std::int64_t>(count) - 1));
  if (tokens.empty())
    throw InvalidArgument(
        problem(ErrorKind::usage, "RANGE", "tokens").found("no token is named").hint("0 is [CLS]"));
}

}  // namespace

LayerReport layer_report(Run& run, const Encoding& text, const LayerReportOptions& options) {
  check_tokens(options.tokens, text.size());
  const Captures captures = run(std::vector<Encoding>{text}, everything_of_layers());
  const TextCapture& capture = captures.texts[0];
  const TensorView weights = capture.attentions.view();  // [layers, heads, n, n]
  LayerReport report;
  report.tokens = options.tokens;
  report.rollout = rollout_rows(weights, options);
  if (options.flow) report.flow = flow_rows(weights, options);
  Poll poll(options.poll);
  poll.check();
  report.state_cosines = analysis::state_cosines(capture.hidden_states.view());
  poll.check();
  report.token_cosines = analysis::token_cosines(capture.hidden_states.view());
  report.notices = capture.notices;
  const std::vector<double> previous = previous_divergences(weights, poll);
  const double largest_entropy = std::log(static_cast<double>(text.size()));
  for (std::int64_t layer = 0; layer < weights.size(0); ++layer) {
    const auto mean = [&](std::int64_t statistic) {
      return mean_of(capture.statistics.view().select(0, statistic).select(0, layer));
    };
    LayerSummary summary{layer, mean(0), 0.0, mean(1), mean(2), mean(3)};
    if (text.size() > 1) summary.relative_entropy = summary.entropy / largest_entropy;
    summary.head_divergence = head_divergence(weights.select(0, layer), options.poll);
    summary.previous_divergence = previous[static_cast<std::size_t>(layer)];
    summary.state_cosine = static_cast<double>(report.state_cosines.at({layer, layer + 1}));
    summary.token_cosine = static_cast<double>(report.token_cosines.at({layer + 1}));
    report.layers.push_back(summary);
  }
  return report;
}

std::vector<std::pair<std::string, double>> numbers_of(const LayerSummary& layer) {
  return {{"entropy", layer.entropy},
          {"relative_entropy", layer.relative_entropy},
          {"distance", layer.distance},
          {"cls", layer.cls},
          {"sep", layer.sep},
          {"head_divergence", layer.head_divergence},
          {"previous_divergence", layer.previous_divergence},
          {"state_cosine", layer.state_cosine},
          {"token_cosine", layer.token_cosine}};
}

}  // namespace attnscope
