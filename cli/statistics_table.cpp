// SPDX-License-Identifier: Apache-2.0
#include "statistics_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace attnscope::cli {
namespace {

using NamedMean = std::pair<std::string, double>;

double sum_of(const TensorView& values) {
  double sum = 0.0;
  for (std::int64_t index = 0; index < values.count(); ++index)
    sum += static_cast<double>(values.f32()[index]);
  return sum;
}

/// Means over heads and rows of one layer; of the largest weights, how much of a row they are together.
std::vector<NamedMean> means_of(const TextResult& result, std::int64_t layer) {
  const TextCapture& capture = result.capture;
  std::vector<NamedMean> means;
  for (std::size_t index = 0; index < result.request.statistics.size(); ++index) {
    const TensorView all = capture.statistics.view().select(0, static_cast<std::int64_t>(index));
    const TensorView values = all.select(0, layer);  // [heads, rows]
    means.emplace_back(name(result.request.statistics[index]),
                       sum_of(values) / static_cast<double>(values.count()));
  }
  if (capture.top_weights.empty()) return means;
  const TensorView top = capture.top_weights.view().select(0, layer);  // [heads, rows, k]
  means.emplace_back(fmt::format("top{}", result.request.top_keys),
                     sum_of(top) / static_cast<double>(top.size(0) * top.size(1)));
  return means;
}

/// What each token receives in one layer, mean over heads: [n].
std::vector<float> mean_received(const TextResult& result, std::int64_t layer) {
  const TensorView received = result.capture.received.view().select(0, layer);  // [heads, n]
  std::vector<float> means;
  for (std::int64_t token = 0; token < received.size(1); ++token) {
    double sum = 0.0;
    for (std::int64_t head = 0; head < received.size(0); ++head)
      sum += static_cast<double>(received.at({head, token}));
    means.push_back(static_cast<float>(sum / static_cast<double>(received.size(0))));
  }
  return means;
}

bool has_statistics(const TextResult& result) {
  return !result.request.statistics.empty() || result.request.received || result.request.top_keys > 0;
}

std::string counted(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string heading_of(const TextResult& result) {
  const std::size_t rows = result.rows ? result.rows->size() : result.encoding.size();
  std::string line =
      fmt::format("mean over {} and {}", counted(result.heads.size(), "head"), counted(rows, "row"));
  if (result.request.received) line += "; received: sum over the rows, mean over the heads";
  std::string columns = "layer";
  for (const auto& [title, mean] : means_of(result, 0)) columns += fmt::format("  {:>8}", title);
  if (result.request.received) columns += "  received most";
  return line + '\n' + columns + '\n';
}

std::string line_of(const TextResult& result, std::size_t layer) {
  const auto position = static_cast<std::int64_t>(layer);
  std::string line = fmt::format("{:>5}", result.layers[layer]);
  for (const auto& [title, mean] : means_of(result, position))
    line += fmt::format("  {:>{}.3f}", mean, std::max<std::size_t>(title.size(), 8));
  if (result.request.received) {
    const std::vector<float> received = mean_received(result, position);
    const auto most = std::max_element(received.begin(), received.end());
    const auto token = static_cast<std::size_t>(most - received.begin());
    line += fmt::format("  {:.3f} by {}", *most, escape_for_terminal(result.encoding.tokens[token]));
  }
  return line + '\n';
}

}  // namespace

std::string statistics_table(const TextResult& result) {
  if (!has_statistics(result)) return "";
  std::string table = heading_of(result);
  for (std::size_t layer = 0; layer < result.layers.size(); ++layer) table += line_of(result, layer);
  return table;
}

void write_statistics(JsonWriter& json, const TextResult& result, std::size_t layer) {
  if (!has_statistics(result)) return;
  const auto position = static_cast<std::int64_t>(layer);
  json.key("mean_statistics").begin_object();
  for (const auto& [title, mean] : means_of(result, position))
    json.key(title).value(static_cast<float>(mean));
  json.end_object();
  if (!result.request.received) return;
  json.key("mean_received").begin_array();
  for (const float received : mean_received(result, position)) json.value(received);
  json.end_array();
}

}  // namespace attnscope::cli
